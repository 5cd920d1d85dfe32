import { Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import { type AtSeat, refusedFields } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { readNewPassword } from "./password.ts";

/** `knot admin set-password`: for whoever has lost theirs. */
export function adminSetPasswordCommand(io: Io, atSeat: AtSeat): Command {
  const command = new Command("set-password")
    .description("give a user a new password; it is asked for, piped in, or in KNOT_PASSWORD")
    .argument("<USER>", "email or username")
    .addHelpText("after", "\nAll sessions of the user end.\n\nExample:\n  knot admin set-password ann@example.com");
  return command.action(async (user: string) => {
    const password = await readNewPassword(io);
    await atSeat(command, (admin) => setPassword(admin, { user, password }));
  });
}

async function setPassword(admin: Admin, change: { user: string; password: string }): Promise<string> {
  const tried = `Cannot set the password of "${change.user}"`;
  const outcome = await admin.setPassword(change);
  switch (outcome.kind) {
    case "updated":
      return `Set the password of ${outcome.username}; sessions from before are over.`;
    case "not_found":
      throw new CommandFailure(`${tried}: no user has this email or username`);
    case "invalid":
      throw new CommandFailure(refusedFields(tried, outcome.fields));
    case "failed":
      throw new CommandFailure(`${tried}: ${outcome.reason}`);
  }
}
