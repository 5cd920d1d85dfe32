/** Runs one of the long trials. Usage: `deno task soak membership [--minutes N] [--loss PERCENT] [--servers N] [--transport udp|wss]`. */
import { soakMembership } from "./membership.ts";

const USAGE = "Usage: deno task soak membership [--minutes N] [--loss PERCENT] [--servers N] [--transport udp|wss]";

if (import.meta.main) {
  const [name, ...args] = Deno.args;
  const code = name === "membership" ? await soakMembership(args) : undefined;
  if (code === undefined) console.error(USAGE);
  Deno.exitCode = code ?? 2;
}
