/**
 * Runs one of the benchmarks. Usage: `deno task bench [cluster]`, `deno task bench membership [--quick] [what …]`,
 * `deno task bench replication [--quick] [--only ROW…]`, `deno task bench serf`.
 */
import { benchMembership } from "./membership.ts";

const USAGE = `Usage: deno task bench [cluster]
       deno task bench membership [--quick] [idle|crashes|suspicions|spread|speed …]
       deno task bench replication [--quick] [--only ROW…]
       deno task bench serf [--rounds N] [--servers N]`;

if (import.meta.main) Deno.exitCode = await main(Deno.args);

async function main([name = "cluster", ...args]: readonly string[]): Promise<number> {
  if (name === "membership") return await benchMembership(args);
  // Only here: these need more rights, and real processes.
  if (name === "replication") return await (await import("./replication.ts")).benchReplication(args);
  if (name === "serf") return await (await import("./serf.ts")).benchSerf(args);
  if (name !== "cluster" || args.length > 0) {
    console.error(USAGE);
    return 2;
  }
  await (await import("./cluster.ts")).benchCluster();
  return 0;
}
