import { Command } from "commander";
import type { KnotConfig } from "../config/mod.ts";
import { adminCheckCommand } from "./admin_check.ts";
import { adminCreateUserCommand } from "./admin_create_user.ts";
import { type AdminSeats, type AtSeat, noData } from "./admin_seat.ts";
import { adminResetTotpCommand } from "./admin_reset_totp.ts";
import { adminSetPasswordCommand } from "./admin_set_password.ts";
import type { Io } from "./io.ts";
import { addConfigOptions, readConfig } from "./settings.ts";

/** `knot admin …`: what the operator of the machine may do without signing in. */
export function adminCommand(io: Io, seats: AdminSeats): Command {
  const atSeat: AtSeat = async (command, task, { mayBegin = false } = {}) => {
    const { config } = readConfig(command, io);
    const { dataDir } = config.server;
    await using seat = await seats.connect(dataDir) ?? await openOffline(seats, config, { mayBegin });
    io.stdout(`${await task(seat.admin)}\n`);
  };
  return new Command("admin")
    .description("manage the server of this machine, running or not, without signing in")
    .addHelpText("after", "\nExample:\n  knot admin create-user ann ann@example.com --admin")
    .addCommand(addConfigOptions(adminCreateUserCommand(io, atSeat), ["server.data_dir"]))
    .addCommand(addConfigOptions(adminSetPasswordCommand(io, atSeat), ["server.data_dir"]))
    .addCommand(addConfigOptions(adminResetTotpCommand(atSeat), ["server.data_dir"]))
    .addCommand(addConfigOptions(adminCheckCommand(io, seats), ["server.data_dir"]));
}

/** Where there is no database, the folder is more likely mistyped than new: a command does not make one unasked. */
async function openOffline(seats: AdminSeats, config: KnotConfig, { mayBegin }: { mayBegin: boolean }) {
  const { dataDir } = config.server;
  if (mayBegin || await seats.hasData(dataDir)) return await seats.openOffline(config);
  throw noData(dataDir);
}
