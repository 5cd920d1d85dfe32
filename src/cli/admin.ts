import { Command } from "commander";
import { adminCreateUserCommand } from "./admin_create_user.ts";
import type { AdminSeats, AtSeat } from "./admin_seat.ts";
import { adminSetPasswordCommand } from "./admin_set_password.ts";
import type { Io } from "./io.ts";
import { addConfigOptions, readConfig } from "./settings.ts";

/** `knot admin …`: what the operator of the machine may do without signing in. */
export function adminCommand(io: Io, seats: AdminSeats): Command {
  const atSeat: AtSeat = async (command, task) => {
    const { config } = readConfig(command, io);
    await using seat = await seats.connect(config.server.dataDir) ?? await seats.openOffline(config);
    io.stdout(`${await task(seat.admin)}\n`);
  };
  return new Command("admin")
    .description("manage the server of this machine, running or not, without signing in")
    .addHelpText("after", "\nExample:\n  knot admin create-user ann ann@example.com --admin")
    .addCommand(addConfigOptions(adminCreateUserCommand(io, atSeat), ["server.data_dir"]))
    .addCommand(addConfigOptions(adminSetPasswordCommand(io, atSeat), ["server.data_dir"]));
}
