import { Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import type { AtServer } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";
import { tableOf } from "./table.ts";

/** `knot cluster lost-edits`: what was edited here while the cluster had deleted it. */
export function clusterLostEditsCommand(atServer: AtServer): Command {
  const command = new Command("lost-edits")
    .description("list edits of records that the cluster had deleted while this server was away")
    .addHelpText(
      "after",
      "\nA server that was forgotten, or runs on an older copy of its data, takes over what the cluster has deleted; edits that" +
        "\nwere made here to such a record are lost, and listed. What is still needed has to be made again.\n\nExample:\n  knot cluster lost-edits",
    );
  return command.action(() => atServer(command, list));
}

async function list(admin: Admin): Promise<string> {
  const outcome = await admin.lostEdits();
  if (outcome.kind === "failed") throw new CommandFailure(`Cannot list lost edits: ${outcome.reason}`);
  if (outcome.edits.length === 0) return "No edit was lost";
  return tableOf([
    ["EDITED", "KIND", "NAME", "ID", "FIELDS"],
    ...outcome.edits.map(({ kind, id, name, fields, editedAtMs }) => [
      new Date(editedAtMs).toISOString(),
      kind,
      name === "" ? "-" : name,
      id,
      fields.join(", "),
    ]),
  ]).trimEnd();
}
