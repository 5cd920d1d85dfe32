import type { CancelTimer } from "../base/mod.ts";
import type { RecordKind, Version } from "../records/mod.ts";
import type { ListEntry, ListKey, ReconciliationMessage } from "./message.ts";

/** Entries named in one part of a list: about 100 kB on the wire. */
const LIST_ENTRIES_MAX = 2_000;
/** Packed bytes sent in answer to one part, and in one message. What does not fit is left to the next part. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const MESSAGE_BYTES_MAX = 512 * 1024;
/** A session that hears nothing for so long, in milliseconds, is over; the next unequal root begins another. */
const SILENCE_MS_MAX = 15_000;
/** Sessions of our own that run at one time: several partners would mostly send the same. */
const SESSIONS_MAX = 2;
/** Sessions with one partner begin at least so far apart, in milliseconds. */
const SESSION_GAP_MS = 500;

/** What the reconciler needs of the records and the machine around it. */
export interface ReconcilerPort {
  nowMs(): number;
  after(delayMs: number, callback: () => void): CancelTimer;
  send(to: string, message: ReconciliationMessage): void;
  lineage(): string | undefined;
  /** Up to `count` entries after `after` in key order; null is the start. */
  entriesAfter(after: ListKey | null, count: number): ListEntry[];
  version(kind: RecordKind, id: string): Version | undefined;
  packed(kind: RecordKind, id: string): Uint8Array | undefined;
  /** Records came in; they are merged and committed. */
  received(from: string, records: Uint8Array[]): void;
  /** Every part was worked off: all that `partner` had, has been sent here, and the other way round. */
  finished(partner: string): void;
}

interface Session {
  readonly partner: string;
  readonly id: number;
  upTo: ListKey | null;
  cancel: CancelTimer;
}

/**
 * Compares everything two servers hold, part by part in key order, and exchanges what differs. The initiator lists, the other
 * side sends what the initiator lacks and asks for what it lacks itself. Each part stands alone: a session that breaks off has
 * lost nothing that it had mended.
 */
export class Reconciler {
  readonly #sessions = new Map<string, Session>();
  readonly #endedMs = new Map<string, number>();
  #nextSession = 0;

  constructor(private readonly port: ReconcilerPort) {}

  /** Sessions under way that this server began. */
  get active(): number {
    return this.#sessions.size;
  }

  /** Begins a session with `partner`, unless one runs, just ran, or enough others run. */
  begin(partner: string): void {
    if (this.#sessions.has(partner) || this.#sessions.size >= SESSIONS_MAX) return;
    const endedMs = this.#endedMs.get(partner);
    if (endedMs !== undefined && this.port.nowMs() - endedMs < SESSION_GAP_MS) return;
    const session: Session = { partner, id: this.#nextSession++, upTo: null, cancel: () => {} };
    this.#sessions.set(partner, session);
    this.#listFrom(session, null);
  }

  /** The connection to `partner` is gone. */
  abandon(partner: string): void {
    const session = this.#sessions.get(partner);
    if (session !== undefined) this.#end(session);
  }

  receive(from: string, message: ReconciliationMessage): void {
    if (message.lineage !== this.port.lineage()) return;
    switch (message.kind) {
      case "list":
        return this.#answer(from, message);
      case "records":
        return this.port.received(from, message.records);
      case "want": {
        const session = this.#sessions.get(from);
        if (session === undefined || session.id !== message.session) return;
        const sent = this.#sendRecords(from, message.keys);
        const upTo = sent < message.keys.length ? message.keys[Math.max(0, sent - 1)] : message.upTo;
        if (upTo !== null) return this.#listFrom(session, upTo);
        this.#end(session);
        return this.port.finished(from);
      }
    }
  }

  #listFrom(session: Session, after: ListKey | null): void {
    const lineage = this.port.lineage();
    if (lineage === undefined) return this.#end(session);
    const entries = this.port.entriesAfter(after, LIST_ENTRIES_MAX);
    const upTo = entries.length < LIST_ENTRIES_MAX ? null : keyOf(entries[entries.length - 1]);
    session.upTo = upTo;
    session.cancel();
    session.cancel = this.port.after(SILENCE_MS_MAX, () => this.#end(session));
    this.port.send(session.partner, { kind: "list", lineage, session: session.id, after, upTo, entries });
  }

  #answer(from: string, list: Extract<ReconciliationMessage, { kind: "list" }>): void {
    const theirs = new Map<string, Version>();
    for (const [kind, id, version] of list.entries) theirs.set(`${kind}/${id}`, version);
    const differing: ListKey[] = [];
    const wanted: ListKey[] = [];
    for (const [kind, id, version] of list.entries) {
      const ours = this.port.version(kind, id);
      if (ours !== version) wanted.push([kind, id]);
      if (ours !== undefined && ours !== version) differing.push([kind, id]);
    }
    for (const key of this.#ownKeys(list.after, list.upTo)) {
      if (!theirs.has(`${key[0]}/${key[1]}`)) differing.push(key);
    }
    differing.sort(compareKeys);
    const sent = this.#sendRecords(from, differing);
    const upTo = sent < differing.length ? differing[Math.max(0, sent - 1)] : list.upTo;
    const keys = upTo === null ? wanted : wanted.filter((key) => compareKeys(key, upTo) <= 0);
    this.port.send(from, { kind: "want", lineage: list.lineage, session: list.session, upTo, keys });
  }

  #ownKeys(after: ListKey | null, upTo: ListKey | null): ListKey[] {
    const keys: ListKey[] = [];
    for (let from = after;;) {
      const entries = this.port.entriesAfter(from, LIST_ENTRIES_MAX);
      for (const entry of entries) {
        const key = keyOf(entry);
        if (upTo !== null && compareKeys(key, upTo) > 0) return keys;
        keys.push(key);
      }
      // One part's answer is bounded by bytes; more keys than this cannot fit it.
      if (entries.length < LIST_ENTRIES_MAX || keys.length > ANSWER_BYTES_MAX / 64) return keys;
      from = keys[keys.length - 1];
    }
  }

  /** Sends records in key order until the bytes of one answer are spent; at least one. Returns how many keys are done. */
  #sendRecords(to: string, keys: readonly ListKey[]): number {
    let records: Uint8Array[] = [];
    let messageBytes = 0, answerBytes = 0, done = 0;
    const flush = () => {
      if (records.length > 0) this.port.send(to, { kind: "records", lineage: this.port.lineage()!, records });
      records = [];
      messageBytes = 0;
    };
    for (const [kind, id] of keys) {
      if (answerBytes > ANSWER_BYTES_MAX) break;
      const packed = this.port.packed(kind, id);
      done++;
      if (packed === undefined) continue;
      if (messageBytes + packed.length > MESSAGE_BYTES_MAX) flush();
      records.push(packed);
      messageBytes += packed.length;
      answerBytes += packed.length;
    }
    flush();
    return done;
  }

  #end(session: Session): void {
    session.cancel();
    this.#sessions.delete(session.partner);
    this.#endedMs.set(session.partner, this.port.nowMs());
  }
}

function keyOf([kind, id]: ListEntry): ListKey {
  return [kind, id];
}

/** Orders keys by kind, then id, both as text. */
export function compareKeys(a: ListKey, b: ListKey): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1;
}
