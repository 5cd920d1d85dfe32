import { decodeValue, type RecordState, type Stamp, type Write } from "../../src/records/mod.ts";
import type { WriteOutcome } from "../../src/node/mod.ts";
import type { DiskWatch } from "./disk_watch.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import type { Verdict } from "./verdict.ts";

/** Part of every value that is written only once; names may be tried by many. */
export const UNIQUE_MARK = "#";

/** One register of one record as somebody was told that it is stored. */
interface Promised {
  readonly record: string;
  readonly register: string;
  readonly value: string;
  readonly stamp: Stamp;
  readonly by: string;
}

/** What became of a value that somebody tried to write. */
type Fate = "unknown" | "acknowledged" | "refused";

/**
 * Keeps book of every write: what was promised must be there in the end, or something strictly newer in its place; what was
 * refused must never show; what nobody wrote must not exist. Values are unique, so that each can be told apart.
 */
export class Ledger {
  #promises: Promised[] = [];
  readonly #deleted = new Map<string, string>();
  readonly #fates = new Map<string, Fate>();
  readonly #disks: DiskWatch;
  readonly #verdict: Verdict;
  acknowledgedCount = 0;
  refusedCount = 0;

  constructor(disks: DiskWatch, verdict: Verdict) {
    this.#disks = disks;
    this.#verdict = verdict;
  }

  /** `server` is about to be asked for `writes`. */
  tried(writes: readonly Write[]): void {
    for (const write of writes) for (const value of valuesOf(write)) this.#fates.set(value, "unknown");
  }

  /** `server` answered. Called at once, before anything else happens on it. */
  answered(server: SimulatedServer, writes: readonly Write[], outcome: WriteOutcome): void {
    const committed = outcome.kind === "committed";
    for (const write of writes) {
      for (const value of valuesOf(write)) this.#fates.set(value, committed ? "acknowledged" : "refused");
    }
    if (!committed) {
      this.refusedCount++;
      return;
    }
    this.acknowledgedCount++;
    for (const write of writes) this.#promise(server, write);
  }

  /** The disk of `server` is replaced by an older one: what it alone had is lost with it, whoever was promised it. */
  lostDisk(server: SimulatedServer, others: readonly SimulatedServer[]): void {
    const isElsewhere = (record: string, holds: (state: RecordState) => boolean) =>
      others.some((other) => {
        const state = this.#disks.recordsOf(other).get(record);
        return state !== undefined && (state.deletedAt !== undefined || holds(state));
      });
    // Once its tombstone is let go, everybody knew; before that, somebody else has to have heard of it.
    const isDeletedHereOnly = (record: string) =>
      this.#disks.recordsOf(server).get(record)?.deletedAt !== undefined &&
      !others.some((other) => this.#disks.hasDeleted(other, record));
    const isGone = (record: string) =>
      this.#disks.wasDeleted(record) && !isDeletedHereOnly(record) &&
      !others.some((other) => this.#disks.recordsOf(other).has(record));
    this.#promises = this.#promises.filter(({ record, register, stamp }) =>
      isGone(record) || isElsewhere(record, (state) => (registerOf(state, register)?.stamp ?? "") >= stamp)
    );
    for (const record of this.#deleted.keys()) if (isDeletedHereOnly(record)) this.#deleted.delete(record);
  }

  /** What is on the disks of `servers`, after everything is quiet, must be what was promised. */
  check(servers: readonly SimulatedServer[]): void {
    for (const server of servers) {
      const records = this.#disks.recordsOf(server);
      for (const promised of this.#promises) this.#checkPromise(server, records, promised);
      for (const [record, by] of this.#deleted) {
        const state = records.get(record);
        if (state !== undefined && state.deletedAt === undefined) {
          this.#verdict.fail(`${record}, deleted at ${by}, exists at ${server.name}`);
        }
      }
      for (const [record, state] of records) this.#checkOrigin(server, record, state);
    }
  }

  #promise(server: SimulatedServer, write: Write): void {
    const record = `${write.kind}/${write.id}`;
    const state = this.#disks.recordsOf(server).get(record);
    if (state === undefined) {
      return this.#verdict.fail(`${server.name} acknowledged ${record}, which is not on its disk`);
    }
    const shows = server.node === undefined ? undefined : server.node.get(write.kind, write.id) !== undefined;
    if (write.op === "delete") {
      if (state.deletedAt === undefined) {
        this.#verdict.fail(`${server.name} acknowledged deleting ${record}: it is there`);
      }
      if (shows === true) this.#verdict.fail(`${server.name} still shows ${record}, which it deleted`);
      this.#deleted.set(record, server.name);
      return;
    }
    if (state.deletedAt !== undefined) return; // Deleted by somebody in the same moment.
    // A deletion is shown before it is on this disk, but not before it is on another one.
    if (shows === false && !this.#disks.wasDeleted(record)) {
      this.#verdict.fail(`${server.name} does not show ${record}, which it stored`);
    }
    for (const [field, value] of Object.entries(write.fields ?? {})) {
      const register = state.fields.get(field);
      if (register === undefined) {
        this.#verdict.fail(`${server.name} acknowledged ${field} of ${record}, which is not on its disk`);
        continue;
      }
      this.#promises.push({
        record,
        register: field,
        // Another value in its place must have been newer; from then on that one is what was promised.
        value: String(decodeValue(register.value)),
        stamp: register.stamp,
        by: server.name,
      });
      const found = textOf(write.kind, field, decodeValue(register.value));
      if (found !== textOf(write.kind, field, value) && isUnique(found) && !this.#fates.has(found)) {
        this.#verdict.fail(`${server.name} stored ${found} in ${record}, which nobody wrote`);
      }
    }
    for (const [set, elements] of state.sets) {
      if (write.sets?.[set] === undefined) continue;
      for (const [element, { stamp, present }] of elements) {
        this.#promises.push({
          record,
          register: `${set}[${element}]`,
          value: String(present),
          stamp,
          by: server.name,
        });
      }
    }
  }

  #checkPromise(server: SimulatedServer, records: ReadonlyMap<string, RecordState>, promised: Promised): void {
    const { record, register, value, stamp, by } = promised;
    const state = records.get(record);
    if (state?.deletedAt !== undefined) return;
    if (state === undefined) {
      if (!this.#disks.wasDeleted(record)) this.#verdict.fail(`${server.name} lost ${record}, acknowledged by ${by}`);
      return;
    }
    const found = registerOf(state, register);
    if (found === undefined || found.stamp < stamp || (found.stamp === stamp && found.value !== value)) {
      this.#verdict.fail(
        `${server.name} lost ${register} = ${value} of ${record}, acknowledged by ${by} with stamp ${stamp}: ` +
          `it holds ${found?.value} with stamp ${found?.stamp}`,
      );
    }
  }

  #checkOrigin(server: SimulatedServer, record: string, state: RecordState): void {
    for (const [field, { value }] of state.fields) {
      const text = textOf(state.kind, field, decodeValue(value));
      if (!isUnique(text)) continue;
      const fate = this.#fates.get(text);
      if (fate === undefined) this.#verdict.fail(`${server.name} holds ${text} in ${record}, which nobody wrote`);
      if (fate === "refused") this.#verdict.fail(`${server.name} holds ${text} in ${record}, which was refused`);
    }
  }
}

function registerOf(state: RecordState, register: string): { stamp: Stamp; value: string } | undefined {
  const field = state.fields.get(register);
  if (field !== undefined) return { stamp: field.stamp, value: String(decodeValue(field.value)) };
  const match = /^(\w+)\[(.*)\]$/.exec(register);
  const element = match === null ? undefined : state.sets.get(match[1])?.get(match[2]);
  return element === undefined ? undefined : { stamp: element.stamp, value: String(element.present) };
}

/** The values of a write that are unique to it: names may be tried by many. */
function* valuesOf(write: Write): Generator<string> {
  if (write.op === "delete") return;
  for (const [field, value] of Object.entries(write.fields ?? {})) {
    const text = textOf(write.kind, field, value);
    if (isUnique(text)) yield text;
  }
}

/** The workload marks each value that it writes only once. */
function isUnique(text: string): boolean {
  return text.includes(UNIQUE_MARK);
}

function textOf(kind: string, field: string, value: unknown): string {
  return `${kind}.${field}=${value}`;
}
