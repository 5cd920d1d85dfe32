/** Runs one of the benchmarks. Usage: `deno task bench [cluster]`, `deno task bench membership [--quick] [what …]`. */
import { benchMembership } from "./membership.ts";

const USAGE = "Usage: deno task bench [cluster] | membership [--quick] [idle|crashes|suspicions|spread|speed …]";

if (import.meta.main) Deno.exitCode = await main(Deno.args);

async function main([name = "cluster", ...args]: readonly string[]): Promise<number> {
  if (name === "membership") return await benchMembership(args);
  if (name !== "cluster" || args.length > 0) {
    console.error(USAGE);
    return 2;
  }
  // Only here: it needs more rights, and real processes.
  const { benchCluster } = await import("./cluster.ts");
  await benchCluster();
  return 0;
}
