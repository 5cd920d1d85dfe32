import { Command } from "commander";
import type { AdminSeats } from "./admin_seat.ts";
import { clusterMembersCommand } from "./cluster_members.ts";
import type { Io } from "./io.ts";
import { addConfigOptions } from "./settings.ts";

/** `knot cluster …`: what the running server of this machine knows of the others. */
export function clusterCommand(io: Io, seats: AdminSeats): Command {
  return new Command("cluster")
    .description("look at the cluster, as the running server of this machine sees it")
    .addHelpText("after", "\nExample:\n  knot cluster members")
    .addCommand(addConfigOptions(clusterMembersCommand(io, seats), ["server.data_dir"]));
}
