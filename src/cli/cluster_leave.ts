import { Command } from "commander";
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
      return "The server leaves its cluster and stops";
    })
  );
}
