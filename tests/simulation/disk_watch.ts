import { parseStamp, type RecordState, type Stamp, unpackRecord } from "../../src/records/mod.ts";
import type { Mutation, Row } from "../../src/storage/mod.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import type { Verdict } from "./verdict.ts";

/** One disk, as its commits say. */
interface Disk {
  readonly records: Map<string, RecordState>;
  readonly aside: Map<string, RecordState>;
  /** Records that this disk once had, and that were deleted. */
  readonly gone: Set<string>;
  horizon: string;
  /** The greatest stamp of what is not of the future, whoever gave it. */
  greatest: Stamp;
}

/**
 * Reads what reaches each server's disk, apart from the code that wrote it: every record as it stands there. Says when a
 * deleted record comes back, when one stamp stands for two values, when a server's stamps go back, when a stamp is past every clock,
 * when a tombstone goes while somebody still needs it, and when a record goes that nobody deleted.
 */
export class DiskWatch {
  readonly #disks = new Map<string, Disk>();
  /** Every (record, register, stamp) ever seen, with its value: stamps are never given twice. */
  readonly #registers = new Map<string, Uint8Array>();
  readonly #greatestGiven = new Map<string, Stamp>();
  /** Records of which some disk ever had a tombstone. */
  readonly #deleted = new Set<string>();
  /** Servers whose data is not of this history: forgotten, or of an older disk, until they agree with the cluster again. */
  readonly #outsiders = new Set<string>();
  /** Those of them that run on an older disk. */
  readonly #rolledBack = new Set<string>();
  /** Node ids that were removed from the cluster. */
  readonly #forgotten = new Set<string>();
  /** Settled servers that take a removed one for a member: they joined through it, and the others do not wait for them. */
  readonly #astray = new Set<string>();
  /** Records that were on a disk in whose place an older one came, which knows nothing of them. */
  readonly #lost = new Set<string>();
  readonly #verdict: Verdict;
  readonly #latestMs: () => number;

  /** @param latestMs what the fastest clock of all servers may say now, in milliseconds since the Unix epoch */
  constructor(verdict: Verdict, latestMs: () => number) {
    this.#verdict = verdict;
    this.#latestMs = latestMs;
  }

  /** What `server` has on disk, by `kind/id`. */
  recordsOf(server: SimulatedServer): ReadonlyMap<string, RecordState> {
    return this.#diskOf(server).records;
  }

  /** Records of which it keeps a version that waits for its time. */
  asideOf(server: SimulatedServer): ReadonlyMap<string, RecordState> {
    return this.#diskOf(server).aside;
  }

  /** Somebody deleted it, at some time. */
  wasDeleted(record: string): boolean {
    return this.#deleted.has(record);
  }

  /** Whether `server` deleted it, or heard that it was, on the disk that it now has. */
  hasDeleted(server: SimulatedServer, record: string): boolean {
    return this.#diskOf(server).gone.has(record);
  }

  /** Whether all servers' data is of one history. */
  get isWhole(): boolean {
    return this.#outsiders.size === 0;
  }

  /** Whether a server runs on an older disk that nobody has told yet what came since. */
  get isRolledBack(): boolean {
    return this.#rolledBack.size > 0;
  }

  /**
   * Whether `server` is the last with a record that another one had before an older disk was put into it: who does not wait until the
   * two have met, and removes it, loses that record.
   */
  isLastWithLost(server: SimulatedServer): boolean {
    const isHeld = (name: string, { records, aside }: Disk) => records.has(name) || aside.has(name);
    const others = [...this.#disks].filter(([name]) => name !== server.name).map(([, disk]) => disk);
    return [...this.#lost].some((name) =>
      isHeld(name, this.#diskOf(server)) && !others.some((disk) => isHeld(name, disk) || disk.gone.has(name))
    );
  }

  /** The others removed `server`: it may hold what they have long let go. */
  forgotten(server: SimulatedServer): void {
    this.#forgotten.add(server.nodeId);
    this.#outsiders.add(server.name);
  }

  /** Another disk is in `server`. */
  replaced(server: SimulatedServer, rows: readonly Row[]): void {
    this.#outsiders.add(server.name);
    this.#rolledBack.add(server.name);
    const before = this.#diskOf(server);
    this.#disks.delete(server.name);
    this.#greatestGiven.delete(server.name);
    const disk = this.#diskOf(server);
    for (const { key, value } of rows) {
      if (key[0] === "aside") disk.aside.set(`${key[1]}/${key[2]}`, unpackRecord(value));
      if (key[0] !== "record") continue;
      const record = unpackRecord(value);
      disk.records.set(`${record.kind}/${record.id}`, record);
      for (const { stamp } of registersOf(record)) if (stamp > disk.greatest) disk.greatest = stamp;
      if (record.deletedAt !== undefined) disk.gone.add(`${record.kind}/${record.id}`);
    }
    for (const name of [...before.records.keys(), ...before.aside.keys()]) {
      if (!disk.records.has(name) && !disk.aside.has(name)) this.#lost.add(name);
    }
  }

  /** A commit reached the disk of `server`. */
  committed(server: SimulatedServer, mutations: readonly Mutation[]): void {
    // The records of one commit share a stamp.
    const floor = this.#greatestGiven.get(server.name) ?? "";
    for (const { key, value } of mutations) {
      const name = `${key[1]}/${key[2]}`;
      if (key[0] === "record" && value !== undefined) this.#put(server, name, unpackRecord(value), floor);
      if (key[0] === "record" && value === undefined) this.#removed(server, name);
      if (key[0] === "aside") this.#setAside(server, name, value, floor);
      if (key[0] === "meta" && key[1] === "horizon") this.#raised(server, new TextDecoder().decode(value));
      if (key[0] === "meta" && key[1] === "unsettled") {
        if (value === undefined) this.#settled(server);
        else this.#outsiders.add(server.name);
      }
    }
  }

  #diskOf(server: SimulatedServer): Disk {
    let disk = this.#disks.get(server.name);
    if (disk === undefined) {
      this.#disks.set(
        server.name,
        disk = { records: new Map(), aside: new Map(), gone: new Set(), horizon: "", greatest: "" },
      );
    }
    return disk;
  }

  #put(server: SimulatedServer, name: string, record: RecordState, floor: Stamp): void {
    const { records, gone } = this.#diskOf(server);
    records.set(name, record);
    if (record.deletedAt !== undefined) {
      gone.add(name);
      this.#deleted.add(name);
    } else if (gone.has(name) && !this.#outsiders.has(server.name)) {
      this.#verdict.fail(`${server.name} brought back ${name}, which it had deleted`);
    }
    this.#checkStamps(server, record, floor);
    const disk = this.#diskOf(server);
    for (const { stamp } of registersOf(record)) if (stamp > disk.greatest) disk.greatest = stamp;
  }

  #removed(server: SimulatedServer, name: string): void {
    const { records, gone } = this.#diskOf(server);
    const before = records.get(name);
    records.delete(name);
    if (before === undefined) return;
    gone.add(name);
    if (!this.#deleted.has(name)) this.#verdict.fail(`${server.name} let ${name} go, which nobody deleted`);
    // A deletion that waits for its time is one that the disk knows of.
    const isDeleted = ({ records, aside }: Disk) =>
      (records.get(name)?.deletedAt ?? aside.get(name)?.deletedAt) !== undefined;
    const knew = before.deletedAt !== undefined || isDeleted(this.#diskOf(server));
    if (!knew && !this.#outsiders.has(server.name)) {
      this.#verdict.fail(`${server.name} let ${name} go, which it held`);
    }
    if (this.#outsiders.has(server.name)) return;
    for (const [other, disk] of this.#disks) {
      const isKnown = !this.#outsiders.has(other) && !this.#astray.has(other);
      if (!isKnown || !disk.records.has(name) || isDeleted(disk)) continue;
      this.#verdict.fail(`${server.name} let the tombstone of ${name} go, which ${other} still shows`);
    }
  }

  /** Its data agrees with the cluster's: what others who were away had brought back to it has to be gone again. */
  #settled(server: SimulatedServer): void {
    this.#outsiders.delete(server.name);
    this.#rolledBack.delete(server.name);
    const members = server.node?.status().members ?? [];
    if (members.some(({ id, state }) => state !== "left" && this.#forgotten.has(id))) this.#astray.add(server.name);
    else this.#astray.delete(server.name);
    const { records, gone } = this.#diskOf(server);
    for (const name of gone) {
      const record = records.get(name);
      if (record === undefined || record.deletedAt !== undefined) continue;
      this.#verdict.fail(`${server.name} agrees with the cluster on ${name}, which it had deleted`);
    }
  }

  #setAside(server: SimulatedServer, name: string, value: Uint8Array | undefined, floor: Stamp): void {
    const { aside } = this.#diskOf(server);
    if (value === undefined) {
      aside.delete(name);
      return;
    }
    const record = unpackRecord(value);
    aside.set(name, record);
    if (record.deletedAt !== undefined) this.#deleted.add(name);
    this.#checkStamps(server, record, floor);
  }

  #raised(server: SimulatedServer, horizon: string): void {
    const disk = this.#diskOf(server);
    if (horizon < disk.horizon) {
      this.#verdict.fail(`${server.name} took its horizon back from ${disk.horizon} to ${horizon}`);
    }
    disk.horizon = horizon;
  }

  #checkStamps(server: SimulatedServer, record: RecordState, floor: Stamp): void {
    const own = server.nodeId.replaceAll("-", "");
    let greatest = this.#greatestGiven.get(server.name) ?? "";
    for (const { register, stamp, value } of registersOf(record)) {
      const key = `${record.kind}/${record.id} ${register} ${stamp}`;
      const seen = this.#registers.get(key);
      if (seen !== undefined) {
        if (!equalBytes(seen, value)) {
          this.#verdict.fail(`Stamp ${stamp} stands for two values of ${register} (${key})`);
        }
        continue;
      }
      this.#registers.set(key, value.slice()); // The servers may do with their bytes what they like.
      const { ms, node } = parseStamp(stamp);
      const aheadMs = ms - this.#latestMs();
      if (aheadMs > 0) {
        this.#verdict.fail(`${server.name} stored stamp ${stamp}, ${aheadMs} ms past every clock (${key})`);
      }
      if (node !== own) continue;
      const latest = this.#diskOf(server).greatest;
      if (stamp < latest) this.#verdict.fail(`${server.name} gave stamp ${stamp} after it had seen ${latest} (${key})`);
      if (stamp <= floor) this.#verdict.fail(`${server.name} gave stamp ${stamp} after ${floor} (${key})`);
      if (stamp > greatest) greatest = stamp;
    }
    this.#greatestGiven.set(server.name, greatest);
  }
}

/** What stands for a deletion and for an element that was taken out, and for one that is there. */
const NOTHING = new Uint8Array();
const PRESENT = Uint8Array.of(1);

/** Every register of a record, with the bytes of its value. */
function registersOf(record: RecordState): Array<{ register: string; stamp: Stamp; value: Uint8Array }> {
  const registers: Array<{ register: string; stamp: Stamp; value: Uint8Array }> = [];
  if (record.deletedAt !== undefined) registers.push({ register: "deleted", stamp: record.deletedAt, value: NOTHING });
  for (const [name, { stamp, value }] of record.fields) registers.push({ register: name, stamp, value });
  for (const [set, elements] of record.sets) {
    for (const [element, { stamp, present }] of elements) {
      registers.push({ register: `${set}[${element}]`, stamp, value: present ? PRESENT : NOTHING });
    }
  }
  return registers;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
