/**
 * Measures replication: one table, with what must be reached, sizes and settings. Real processes on this machine where time
 * and memory of the machine count, the simulator where the size of the cluster or single bytes do; shipped preset, sealing and
 * compression on. Usage: `deno task bench replication [--quick] [--only ROW…]`.
 */
import { parseArgs } from "node:util";
import type { Row } from "./membership/row.ts";
import { measureDifference } from "./replication/difference.ts";
import type { Effort } from "./replication/effort.ts";
import { measureIdleTraffic } from "./replication/idle.ts";
import { measureJoining } from "./replication/joining.ts";
import { measureMemory } from "./replication/memory.ts";
import { measurePartition } from "./replication/partition.ts";
import { measureSimulatedPartition } from "./replication/simulated_partition.ts";
import { measureLargeSpread } from "./replication/spread.ts";
import { measureStarting } from "./replication/starting.ts";
import { measureSteadyLoad } from "./replication/steady_load.ts";
import { measureWriteLatency } from "./replication/write_latency.ts";
import { stopRequest } from "./stop_request.ts";

/** In the order of the table. */
const MEASUREMENTS: Readonly<Record<string, (effort: Effort) => AsyncIterable<Row>>> = {
  latency: measureWriteLatency,
  large: measureLargeSpread,
  partition: measurePartition,
  round_trips: measureSimulatedPartition,
  difference: measureDifference,
  start: measureStarting,
  joining: measureJoining,
  idle: measureIdleTraffic,
  load: measureSteadyLoad,
  memory: measureMemory,
};

/** The rows that `--only` takes. */
export const REPLICATION_ROWS = Object.keys(MEASUREMENTS);

/** Prints the table. Exit code: 0 when every figure is reached, 1 when one is not, 2 when the arguments make no sense. */
export async function benchReplication(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    console.error(`Cannot bench replication: ${options}`);
    console.error(`Usage: deno task bench replication [--quick] [--only ROW…], rows: ${REPLICATION_ROWS.join(", ")}`);
    return 2;
  }
  using stop = stopRequest();
  const { quick, rows } = options;
  if (quick) console.log("Small sizes (--quick): an impression, no proof");
  console.log(line("what", "must reach", "measured", "from"));
  let passed = true;
  for (const name of rows) {
    const started = performance.now();
    const progress = (text: string) => {
      console.error(`  ${name}, ${Math.round((performance.now() - started) / 1_000)} s: ${text}`);
    };
    try {
      for await (const row of MEASUREMENTS[name]({ quick, signal: stop.signal, progress })) {
        console.log(line(row.what, row.must, row.measured, `${row.passed ? " " : "✗"} ${row.from}`));
        passed &&= row.passed;
      }
    } catch (error) {
      if (stop.signal.aborted) {
        console.error("Stopped on request, without a verdict");
        return 1;
      }
      passed = false;
      console.log(line(name, "", "failed", `✗ ${error instanceof Error ? error.message : error}`));
    }
  }
  return passed ? 0 : 1;
}

function readOptions(args: readonly string[]): { quick: boolean; rows: readonly string[] } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { quick: { type: "boolean", default: false }, only: { type: "string", multiple: true, default: [] } },
      allowPositionals: true,
    });
    const chosen = [...values.only, ...positionals].flatMap((names) => names.split(","));
    if (positionals.length > 0 && values.only.length === 0) return `"${positionals[0]}" needs --only before it`;
    const unknown = chosen.find((name) => !(name in MEASUREMENTS));
    if (unknown !== undefined) return `there is no row "${unknown}"`;
    return {
      quick: values.quick,
      rows: REPLICATION_ROWS.filter((name) => chosen.length === 0 || chosen.includes(name)),
    };
  } catch (error) {
    return (error as Error).message;
  }
}

function line(what: string, must: string, measured: string, from: string): string {
  return `${what.padEnd(58)} ${must.padEnd(22)} ${measured.padStart(20)} ${from}`;
}
