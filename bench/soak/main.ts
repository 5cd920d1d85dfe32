/**
 * Runs one of the long trials. Usage: `deno task soak membership [--minutes N] [--loss PERCENT] [--servers N] [--transport udp|wss]`,
 * `deno task soak replication [--minutes N] [--rate N] [--servers N] [--records N]`, `deno task soak chaos [--rounds N] [--seed S]`.
 */
import { soakChaos } from "./chaos.ts";
import { soakMembership } from "./membership.ts";
import { soakReplication } from "./replication.ts";

const USAGE = `Usage: deno task soak membership [--minutes N] [--loss PERCENT] [--servers N] [--transport udp|wss]
       deno task soak replication [--minutes N] [--rate UPDATES A SECOND] [--servers N] [--records N]
       deno task soak chaos [--rounds N] [--seed S]`;

const TRIALS: Readonly<Record<string, (args: readonly string[]) => Promise<number | undefined>>> = {
  membership: soakMembership,
  replication: soakReplication,
  chaos: soakChaos,
};

if (import.meta.main) {
  const [name, ...args] = Deno.args;
  const code = await TRIALS[name]?.(args);
  if (code === undefined) console.error(USAGE);
  Deno.exitCode = code ?? 2;
}
