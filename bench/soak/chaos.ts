/**
 * Real servers that are killed, stopped, cut off and rolled back while clients write: no acknowledged write may be lost, and
 * nothing deleted may come back. Prints what happened and a verdict.
 */
import { parseArgs } from "node:util";
import { type ChaosReport, runChaos } from "../../tests/e2e/chaos/mod.ts";
import { whyNoNamespaces } from "../../tests/e2e/netns/mod.ts";
import { stopRequest } from "../stop_request.ts";

const ROUNDS_MAX = 100_000;
/** Printed of what was found wrong; the rest is counted. */
const FINDINGS_SHOWN_MAX = 50;

/** Exit code: 0 when the trial is passed, 1 when not, undefined when the arguments make no sense. */
export async function soakChaos(args: readonly string[]): Promise<number | undefined> {
  const options = readOptions(args);
  if (options === undefined) return undefined;
  const whyNot = await whyNoNamespaces();
  if (whyNot !== undefined) {
    console.error(`Cannot soak in chaos: it ${whyNot}`);
    return 1;
  }
  using stop = stopRequest();
  console.log(`5 servers, 4 clients, ${options.rounds} rounds, seed ${options.seed}`);
  const started = performance.now();
  const tell = (line: string) => console.log(`  ${Math.round((performance.now() - started) / 1_000)} s: ${line}`);
  try {
    return verdict(await runChaos({ ...options, tell, signal: stop.signal }));
  } catch (error) {
    if (stop.signal.aborted) {
      console.error("Stopped on request, without a verdict");
      return 1;
    }
    console.error(`failed: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

function readOptions(args: readonly string[]): { rounds: number; seed: number } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { rounds: { type: "string", default: "100" }, seed: { type: "string", default: "1" } },
    });
    const [rounds, seed] = [values.rounds, values.seed].map(Number);
    if (!Number.isInteger(rounds) || rounds < 3 || rounds > ROUNDS_MAX) return undefined;
    return Number.isInteger(seed) && seed >= 0 ? { rounds, seed } : undefined;
  } catch {
    return undefined; // An option that does not exist.
  }
}

function verdict({ book, faults, agreedAfterMs, groups, findings }: ChaosReport): number {
  console.log(`           acknowledged   refused   unanswered`);
  for (const [what, { acknowledged, refused, unanswered }] of Object.entries(book.tally)) {
    const [first, second, third] = [acknowledged, refused, unanswered].map(String);
    console.log(`  ${what.padEnd(8)} ${first.padStart(12)} ${second.padStart(9)} ${third.padStart(12)}`);
  }
  console.log(`  faults: ${[...faults].map(([kind, count]) => `${kind} ${count}`).join(", ")}`);
  console.log(`  all five servers showed the same ${groups} groups, ${agreedAfterMs} ms after everything was mended`);
  for (const finding of findings.slice(0, FINDINGS_SHOWN_MAX)) console.log(`  ✗ ${finding}`);
  const passed = findings.length === 0;
  const acknowledged = book.count("acknowledged");
  console.log(
    passed
      ? `passed: ${acknowledged} acknowledged writes, every one on every server; nothing deleted came back`
      : `failed: ${findings.length} findings, ${acknowledged} acknowledged writes`,
  );
  return passed ? 0 : 1;
}
