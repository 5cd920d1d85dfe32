import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";

/**
 * A new password: from KNOT_PASSWORD, else the first line of piped standard input, else asked for twice without echo.
 * Never an argument, which every user of the machine could read in the process list.
 */
export async function readNewPassword(io: Io): Promise<string> {
  if (io.env.KNOT_PASSWORD) return io.env.KNOT_PASSWORD;
  if (!io.stdinIsTerminal) {
    const line = await io.readLine();
    if (!line) {
      throw new CommandFailure("Cannot read the password: standard input is empty (or set KNOT_PASSWORD)", "usage");
    }
    return line;
  }
  const password = await io.readSecret("New password: ");
  if (!password) throw new CommandFailure("Nothing changed: no password was given");
  const again = await io.readSecret("The same again: ");
  if (again !== password) throw new CommandFailure("Nothing changed: the two passwords differ");
  return password;
}
