import { Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import type { AtServer } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";

/** `knot cluster leave`: takes the server of this machine out of its cluster, and stops it. */
export function clusterLeaveCommand(atServer: AtServer): Command {
  const command = new Command("leave")
    .description("take this server out of its cluster for good, and stop it")
    .addHelpText(
      "after",
      "\nThe others forget it. Its data stays in its folder; started again, it joins as a new server." +
        "\nTo stop a server that comes back, use SIGTERM (Ctrl-C) instead.\n\nExample:\n  knot cluster leave",
    );
  return command.action(() =>
    atServer(command, async (admin) => {
      const outcome = await admin.leaveCluster();
      if (outcome.kind === "failed") throw new CommandFailure(`Cannot leave the cluster: ${outcome.reason}`);
      return leavingText(outcome);
    })
  );
}

type Leaving = Extract<Awaited<ReturnType<Admin["leaveCluster"]>>, { kind: "leaving" }>;

/** Who was not told goes on counting on this server, and keeps what was deleted until it has seen it. */
function leavingText({ nodeId, reached, others }: Leaving): string {
  const leaves = "The server leaves its cluster and stops";
  if (others === 0) return `${leaves}; it was the only one`;
  if (reached === 0) {
    return `${leaves}, but no other server could be told: forget it there with knot cluster forget ${nodeId}`;
  }
  const told = reached === 1 ? "one other server was told" : `${reached} other servers were told`;
  return reached === others ? `${leaves}; ${told}` : `${leaves}; ${told}, which tell the ${others - reached} others`;
}
