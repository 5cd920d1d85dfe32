import { commitRows } from "../../src/node/rows.ts";
import { applyWrite, formatStamp, packRecord, recordId, type RecordState } from "../../src/records/mod.ts";
import { seededRandom } from "../../src/base/mod.ts";
import { COMMIT_MUTATIONS_MAX, openKvStore } from "../../src/storage/mod.ts";
import type { Server } from "./server.ts";

/** All records follow from it, and from the time. */
const SEED = 1;

/** Packed bytes of each record, more or less: a template with a short job, or a variable with a certificate's half. */
export const RECORD_BYTES = 400;

/** What of a packed variable is not its value: kind, id, stamp, the other fields and all names. */
const BESIDE_VALUE_BYTES = 153;

/** The store takes 900 mutations at once, and merges calls up to 500: so many in each is its fastest. */
const ROWS_IN_A_COMMIT = Math.min(500, COMMIT_MUTATIONS_MAX - 1);

/** Who wrote them: a server that nobody met. */
const WRITER = "5eed".repeat(8);

/** One record made without a server. */
export interface SeededRecord {
  readonly id: string;
  readonly name: string;
  readonly state: RecordState;
  readonly packed: Uint8Array;
}

/**
 * `count` template variables as one server would have made them, one a millisecond, the last at `wallMs`, with ids and
 * stamps in that order. Equal arguments, equal records.
 */
export function seededRecords(count: number, { seed, wallMs }: { seed: number; wallMs: number }): SeededRecord[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const atMs = Math.floor(wallMs) - count + 1 + index;
    const entropy = Uint8Array.from({ length: 16 }, () => random.below(256));
    const id = recordId(atMs, entropy);
    const name = `seeded_${seed}_${index}`;
    const fields = {
      name,
      value: randomText(RECORD_BYTES - BESIDE_VALUE_BYTES, () => random.below(64)),
      local: false,
      protected: false,
      restricted: false,
    };
    const stamp = formatStamp({ ms: atMs, counter: 0, node: WRITER });
    const made = applyWrite(
      undefined,
      { op: "create", kind: "template_variable", id, fields, sets: { zones: [] } },
      stamp,
    );
    if (made.kind !== "applied") throw new Error(`Cannot make a record: ${JSON.stringify(made)}`);
    return { id, name, state: made.state, packed: packRecord(made.state) };
  });
}

/** `length` characters of a base64 alphabet, of which `draw` gives one each time, 0 to 63: deflate saves a quarter. */
export function randomText(length: number, draw: () => number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return Array.from({ length }, () => alphabet[draw()]).join("");
}

/**
 * Puts records into the data folder of a server that does not run, through the product's own store, in key order and large
 * commits; answers with how many a second that were. A hundred thousand take seconds so, and minutes through the API.
 *
 * @throws {StoreError} when the folder is in use, or cannot be written
 */
async function storeRecords(dataDir: string, records: readonly SeededRecord[]): Promise<number> {
  await using store = await openKvStore({ dataDir });
  const rows = records.map(({ id, packed }) => ({ kind: "template_variable", id, packed }));
  const floor = formatStamp({ ms: Date.now(), counter: 0, node: WRITER });
  const started = performance.now();
  for (let from = 0; from < rows.length; from += ROWS_IN_A_COMMIT) {
    await store.commit(commitRows({ rows: rows.slice(from, from + ROWS_IN_A_COMMIT), floor }));
  }
  return records.length / (performance.now() - started) * 1_000;
}

/** What servers were given. */
export interface Loaded {
  readonly records: readonly SeededRecord[];
  /** How many records a second the servers' own store took in large commits, the best of all. */
  readonly storedPerSecond: number;
}

/** Stops servers that are set up, puts the same `count` records into the data folder of each, and starts them again. */
export async function loadRecords(
  servers: readonly Server[],
  { count, signal }: { count: number; signal?: AbortSignal },
): Promise<Loaded> {
  await Promise.all(servers.map((server) => server.stop()));
  const records = seededRecords(count, { seed: SEED, wallMs: Date.now() });
  let storedPerSecond = 0;
  for (const { dataDir } of servers) {
    signal?.throwIfAborted();
    storedPerSecond = Math.max(storedPerSecond, await storeRecords(dataDir, records));
  }
  await Promise.all(servers.map((server) => server.start()));
  await Promise.all(servers.map((server) => server.ready()));
  return { records, storedPerSecond };
}
