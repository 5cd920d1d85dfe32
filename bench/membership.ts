/**
 * Measures membership in the simulator, with the shipped preset, sealing and encoding on, 10 ms links: one table. All of it
 * takes about an hour, `--quick` a few minutes, with smaller samples. Usage:
 * `deno task bench membership [--quick] [crashes|suspicions|spread|idle|speed …]`.
 */
import { measureCrashes } from "./membership/crashes.ts";
import { measureFalseSuspicions } from "./membership/false_suspicions.ts";
import { measureIdle } from "./membership/idle.ts";
import type { Effort, Row } from "./membership/row.ts";
import { measureSpeed } from "./membership/speed.ts";
import { measureSpread } from "./membership/spread.ts";

const MEASUREMENTS: Readonly<Record<string, (effort: Effort) => AsyncIterable<Row>>> = {
  idle: measureIdle,
  crashes: measureCrashes,
  suspicions: measureFalseSuspicions,
  spread: measureSpread,
  speed: measureSpeed,
};

/** Prints the table. Exit code: 0 when every figure is reached, 1 when one is not, 2 when the arguments make no sense. */
export async function benchMembership(args: readonly string[]): Promise<number> {
  const quick = args.includes("--quick");
  const names = args.filter((arg) => arg !== "--quick");
  const unknown = names.find((name) => !(name in MEASUREMENTS));
  if (unknown !== undefined) {
    console.error(`Cannot measure "${unknown}": choose from ${Object.keys(MEASUREMENTS).join(", ")}, and --quick`);
    return 2;
  }
  console.log(`${line("what", "must reach", "measured")}  from`);
  let passed = true;
  for (const name of names.length === 0 ? Object.keys(MEASUREMENTS) : names) {
    for await (const row of MEASUREMENTS[name]({ quick })) {
      console.log(`${line(row.what, row.must, row.measured)}${row.passed ? " " : "✗"} ${row.from}`);
      passed &&= row.passed;
    }
  }
  return passed ? 0 : 1;
}

function line(what: string, must: string, measured: string): string {
  return `${what.padEnd(60)} ${must.padEnd(12)} ${measured.padStart(10)}`;
}
