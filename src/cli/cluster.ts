import { Command } from "commander";
import type { AdminSeats, AtServer } from "./admin_seat.ts";
import { clusterForgetCommand } from "./cluster_forget.ts";
import { clusterLeaveCommand } from "./cluster_leave.ts";
import { clusterLostEditsCommand } from "./cluster_lost_edits.ts";
import { clusterMembersCommand } from "./cluster_members.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { addConfigOptions, readConfig } from "./settings.ts";

/** `knot cluster …`: what the running server of this machine knows of the others, and does to its cluster. */
export function clusterCommand(io: Io, seats: AdminSeats): Command {
  const atServer: AtServer = async (command, task) => {
    const { config } = readConfig(command, io);
    await using seat = await seats.connect(config.server.dataDir);
    if (seat === undefined) {
      throw new CommandFailure(
        `Cannot reach the server: none is running with data folder "${config.server.dataDir}" (see --data-dir)`,
      );
    }
    io.stdout(`${await task(seat.admin)}\n`);
  };
  return new Command("cluster")
    .description("look at the cluster as the running server of this machine sees it, and change who belongs to it")
    .addHelpText("after", "\nExample:\n  knot cluster members")
    .addCommand(addConfigOptions(clusterMembersCommand(io, seats), ["server.data_dir"]))
    .addCommand(addConfigOptions(clusterForgetCommand(atServer), ["server.data_dir"]))
    .addCommand(addConfigOptions(clusterLeaveCommand(atServer), ["server.data_dir"]))
    .addCommand(addConfigOptions(clusterLostEditsCommand(atServer), ["server.data_dir"]));
}
