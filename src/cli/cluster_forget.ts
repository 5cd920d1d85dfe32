import { Argument, Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import type { AtServer } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";

/** `knot cluster forget NODE`: removes a server that will not come back. */
export function clusterForgetCommand(atServer: AtServer): Command {
  const command = new Command("forget")
    .description("remove a server that is gone for good, on every server")
    .addArgument(new Argument("<node>", "its id, address, hostname or zone, as knot cluster members shows them"))
    .addHelpText(
      "after",
      "\nIf it comes back all the same, it stops, and joins as a new server when it is started again." +
        "\n\nExamples:\n  knot cluster forget knot3.internal:3100\n  knot cluster forget 7f03c2",
    );
  return command.action((node: string) => atServer(command, (admin) => forget(admin, node)));
}

async function forget(admin: Admin, node: string): Promise<string> {
  const tried = `Cannot forget "${node}"`;
  const outcome = await admin.forgetMember(node);
  switch (outcome.kind) {
    case "forgotten":
      return `Forgot ${forgotten(outcome)}${sparedNote(outcome)}`;
    case "not_found":
      throw new CommandFailure(`${tried}: no server has this id, address, hostname or zone (see knot cluster members)`);
    case "ambiguous":
      throw new CommandFailure(`${tried}: several servers match, name one by its id: ${outcome.nodeIds.join(", ")}`);
    case "alive":
      throw new CommandFailure(
        `${tried}: it is alive, or was a moment ago. Run knot cluster leave there; or stop it, and try again when it is shown as dead`,
      );
    case "failed":
      throw new CommandFailure(`${tried}: ${outcome.reason}`);
  }
}

function forgotten({ nodeId, address }: { nodeId: string; address: string }): string {
  return address === "" ? nodeId : `${address}, id ${nodeId}`;
}

function sparedNote({ spared }: { spared: number }): string {
  if (spared === 0) return "";
  return spared === 1
    ? "; one other server has that name and is not gone"
    : `; ${spared} other servers have that name and are not gone`;
}
