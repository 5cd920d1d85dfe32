import { commitRows } from "../../src/node/rows.ts";
import { applyWrite, formatStamp, packRecord } from "../../src/records/mod.ts";
import { allEqual, Simulation } from "../../tests/simulation/mod.ts";
import { randomText, RECORD_BYTES, type SeededRecord } from "../../tests/e2e/mod.ts";

/** The store takes no more than 900 at once. */
const ROWS_IN_A_COMMIT = 500;
/** All rows are on the simulated disks after so long, in virtual milliseconds. */
const COMMITTED_MS = 10;
const LINEAGE = "01977420-dc00-7000-8000-000000000001";
/** Who changed records: a server that nobody met. */
const WRITER = "c4a9".repeat(8);
/** From the start until all know that they agree, in virtual milliseconds. */
const AGREEMENT_MS_MAX = 120_000;

/** Adds a server with these records on its disk; all servers of one data set are made so. It is not started. */
export async function addCopy(simulation: Simulation, records: readonly SeededRecord[]) {
  const server = simulation.add({ peers: simulation.servers.slice(0, 1).map(({ address }) => address) });
  const floor = formatStamp({ ms: Math.floor(simulation.clock.wallMs()), counter: 0, node: WRITER });
  const rows = records.map(({ id, packed }) => ({ kind: "template_variable", id, packed }));
  for (let from = 0; from < rows.length; from += ROWS_IN_A_COMMIT) {
    const slice = rows.slice(from, from + ROWS_IN_A_COMMIT);
    void server.store.commit(commitRows({ rows: slice, floor, lineage: LINEAGE }));
  }
  await simulation.clock.run(COMMITTED_MS);
  return server;
}

/** Waits until all running servers show the same and know it of each other. Answers with how long that took, in milliseconds. */
export async function agreed(simulation: Simulation, { lookMs = 5 } = {}): Promise<number> {
  const startedMs = simulation.clock.monotonicMs();
  const known = () =>
    simulation.running.every(({ node }) => {
      const { members } = node!.status();
      return members.length === simulation.running.length && // A server that has met nobody agrees with all it knows.
        members.every(({ self, state, inSync }) => self || (state === "alive" && inSync === true));
    });
  await simulation.until("all know that they agree", known, AGREEMENT_MS_MAX, { lookMs });
  // Looking at all contents takes long; agreement of the roots comes first.
  await simulation.until("all show the same", () => allEqual(simulation.running), AGREEMENT_MS_MAX, { lookMs: 1_000 });
  return simulation.clock.monotonicMs() - startedMs;
}

/** `record` with another value, stamped at `wallMs`. */
export function changed(record: SeededRecord, { wallMs, draw }: { wallMs: number; draw: () => number }): SeededRecord {
  const stamp = formatStamp({ ms: Math.floor(wallMs), counter: 0, node: WRITER });
  const fields = { value: randomText(RECORD_BYTES / 2, draw) };
  const { id, name } = record;
  const made = applyWrite(record.state, { op: "update", kind: "template_variable", id, fields }, stamp);
  if (made.kind !== "applied") throw new Error(`Cannot change a record: ${JSON.stringify(made)}`);
  return { id, name, state: made.state, packed: packRecord(made.state) };
}
