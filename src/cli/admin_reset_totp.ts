import { Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import type { AtSeat } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";

/** `knot admin reset-totp`: for whoever has lost their authenticator. */
export function adminResetTotpCommand(atSeat: AtSeat): Command {
  const command = new Command("reset-totp")
    .description("take a user's one-time-code secret away: the next sign-in shows a new one")
    .argument("<USER>", "email or username")
    .addHelpText("after", "\nExample:\n  knot admin reset-totp ann@example.com");
  return command.action((user: string) => atSeat(command, (admin) => resetTotp(admin, user)));
}

async function resetTotp(admin: Admin, user: string): Promise<string> {
  const tried = `Cannot reset the one-time codes of "${user}"`;
  const outcome = await admin.resetTotp(user);
  switch (outcome.kind) {
    case "updated":
      return `Reset the one-time codes of ${outcome.username}: the next sign-in shows a new secret.`;
    case "not_found":
      throw new CommandFailure(`${tried}: no user has this email or username`);
    case "failed":
      throw new CommandFailure(`${tried}: ${outcome.reason}`);
  }
}
