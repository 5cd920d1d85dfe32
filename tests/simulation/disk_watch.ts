import { parseStamp, type RecordState, type Stamp, unpackRecord } from "../../src/records/mod.ts";
import type { Mutation } from "../../src/storage/mod.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Reads what reaches each server's disk, apart from the code that wrote it: every record as it stands there. Says when a
 * deleted record comes back, when one stamp stands for two values, when a server's stamps go back, and when a stamp is past every clock.
 */
export class DiskWatch {
  readonly #disks = new Map<string, Map<string, RecordState>>();
  /** Every (record, register, stamp) ever seen, with its value: stamps are never given twice. */
  readonly #registers = new Map<string, string>();
  readonly #greatestGiven = new Map<string, Stamp>();
  readonly #verdict: Verdict;
  readonly #latestMs: () => number;

  /** @param latestMs what the fastest clock of all servers may say now, in milliseconds since the Unix epoch */
  constructor(verdict: Verdict, latestMs: () => number) {
    this.#verdict = verdict;
    this.#latestMs = latestMs;
  }

  /** What `server` has on disk, by `kind/id`. */
  recordsOf(server: SimulatedServer): ReadonlyMap<string, RecordState> {
    return this.#disks.get(server.name) ?? new Map();
  }

  /** A commit reached the disk of `server`. */
  committed(server: SimulatedServer, mutations: readonly Mutation[]): void {
    // The records of one commit share a stamp.
    const floor = this.#greatestGiven.get(server.name) ?? "";
    for (const { key, value } of mutations) {
      if (key[0] !== "record" || value === undefined) continue;
      const records = this.#recordsOf(server);
      const after = unpackRecord(value);
      const name = `${after.kind}/${after.id}`;
      const before = records.get(name);
      records.set(name, after);
      if (before?.deletedAt !== undefined && after.deletedAt === undefined) {
        this.#verdict.fail(`${server.name} brought back ${name}, which it had deleted`);
      }
      this.#checkStamps(server, after, floor);
    }
  }

  #recordsOf(server: SimulatedServer): Map<string, RecordState> {
    let records = this.#disks.get(server.name);
    if (records === undefined) this.#disks.set(server.name, records = new Map());
    return records;
  }

  #checkStamps(server: SimulatedServer, record: RecordState, floor: Stamp): void {
    const own = server.nodeId.replaceAll("-", "");
    let greatest = this.#greatestGiven.get(server.name) ?? "";
    for (const { register, stamp, value } of registersOf(record)) {
      const key = `${record.kind}/${record.id} ${register} ${stamp}`;
      const seen = this.#registers.get(key);
      if (seen !== undefined) {
        if (seen !== value) this.#verdict.fail(`Stamp ${stamp} stands for two values of ${register} (${key})`);
        continue;
      }
      this.#registers.set(key, value);
      const { ms, node } = parseStamp(stamp);
      const aheadMs = ms - this.#latestMs();
      if (aheadMs > 0) {
        this.#verdict.fail(`${server.name} stored stamp ${stamp}, ${aheadMs} ms past every clock (${key})`);
      }
      if (node !== own) continue;
      if (stamp <= floor) this.#verdict.fail(`${server.name} gave stamp ${stamp} after ${floor} (${key})`);
      if (stamp > greatest) greatest = stamp;
    }
    this.#greatestGiven.set(server.name, greatest);
  }
}

/** Every register of a record, with its value as text. */
function* registersOf(record: RecordState): Generator<{ register: string; stamp: Stamp; value: string }> {
  if (record.deletedAt !== undefined) yield { register: "deleted", stamp: record.deletedAt, value: "" };
  for (const [name, { stamp, value }] of record.fields) yield { register: name, stamp, value: value.join() };
  for (const [set, elements] of record.sets) {
    for (const [element, { stamp, present }] of elements) {
      yield { register: `${set}[${element}]`, stamp, value: String(present) };
    }
  }
}
