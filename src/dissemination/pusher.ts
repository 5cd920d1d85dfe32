import { assert, type CancelTimer, type Random, shuffled } from "../base/mod.ts";
import type { RecordKind } from "../records/mod.ts";
import { AnswerTime } from "./answer_time.ts";
import type { PushMessage } from "./message.ts";

/** Up to so many live members, this server included, a writer tells everybody itself; beyond, it tells a few and they pass it on. */
const DIRECT_MEMBERS_MAX = 16;
/** Members told by each server in a larger cluster: 8 hops of 8 would reach 16 million. */
const FANOUT = 8;
/** Members asked to pass a write on to those that the writer cannot reach. */
const RELAYS = 2;
/** Pushes to one member that may be unanswered; what comes meanwhile waits, only its newest state is sent. */
const IN_FLIGHT_MAX = 16;
/**
 * While a push is unanswered the next one waits for its answer, but no longer than this, in milliseconds: under load that joins
 * many writes in one message, whose cost is the same for one as for ten; a single write never waits.
 */
const PACE_MS = 15;
/** So many records are worth a message of their own at once. */
const PACED_RECORDS_MAX = 100;
/** Keys that wait for one member; past it the rest is left to reconciliation. */
const WAITING_KEYS_MAX = 10_000;
/** Packed bytes and records of one push. */
const PUSH_BYTES_MAX = 256 * 1024;
const PUSH_RECORDS_MAX = 1_000;
/** Milliseconds for the receiver's disk, beside the round trip, at least. */
const COMMIT_MS = 150;
const STREAM_TIMEOUT_MS = 5_000;

/** What the pusher needs of the machine around it. */
export interface PusherPort {
  readonly random: Random;
  nowMs(): number;
  /** Packed bytes that fit a datagram together with the message around them. */
  readonly packetBytesMax: number;
  after(delayMs: number, callback: () => void): CancelTimer;
  send(to: string, channel: "packet" | "stream", message: PushMessage): void;
  lineage(): string | undefined;
  packed(kind: RecordKind, id: string): Uint8Array | undefined;
  /** Live members of our lineage, without ourselves. */
  targets(): string[];
  /** False when datagrams to `id` are known to be lost. */
  takesPackets(id: string): boolean;
  /** False when `id` is known to be cut off from here, though alive. */
  isReached(id: string): boolean;
  /** Milliseconds after which an answer from `id` is overdue. */
  timeoutMs(id: string): number;
  /** Something that was sent to `id`, or was to be, is left to reconciliation. */
  lost(id: string): void;
  /** `id` has committed what the write `token` changed. */
  copied(token: number, id: string): void;
}

interface Item {
  readonly kind: RecordKind;
  readonly id: string;
  passOn: boolean;
  /** A datagram with it was not answered. */
  repeated: boolean;
  readonly tokens: Set<number>;
}

interface InFlight {
  readonly items: Item[];
  readonly sentMs: number;
  readonly cancel: CancelTimer;
}

interface Outbox {
  readonly waiting: Map<string, Item>;
  readonly inFlight: Map<number, InFlight>;
  readonly answers: AnswerTime;
  lastSentMs: number;
  /** A flush is planned. */
  paced: boolean;
}

/**
 * Sends committed records while they are news: at once, to everybody in a small cluster, along a fan-out in a large one. Answers
 * are awaited, a lost datagram is repeated on the stream; who stays silent is left to reconciliation.
 */
export class Pusher {
  readonly #outboxes = new Map<string, Outbox>();
  /** Those to which something was added since the last {@link flush}. */
  readonly #unflushed = new Map<string, Outbox>();
  #nextSequence: number;

  constructor(private readonly port: PusherPort) {
    this.#nextSequence = port.random.uint32() >>> 1;
  }

  /** Pushes a write of this server; `token` hears of each copy. */
  push(keys: ReadonlyArray<readonly [RecordKind, string]>, token: number): void {
    const targets = this.port.targets();
    const told = targets.length < DIRECT_MEMBERS_MAX ? targets : shuffled(targets, this.port.random).slice(0, FANOUT);
    const reached = told.filter((id) => this.port.isReached(id));
    // Whoever we cannot reach hears of it through others.
    const relays = new Set(reached.length === told.length ? [] : shuffled(reached, this.port.random).slice(0, RELAYS));
    for (const id of told) this.#enqueue(id, keys, { token, passOn: relays.has(id) });
  }

  /** Passes on what `from` pushed and was new here. In a small cluster the writer tells everybody itself, unless it asked. */
  passOn(
    keys: ReadonlyArray<readonly [RecordKind, string]>,
    { from, asked }: { from: string; asked: boolean },
  ): void {
    const targets = this.port.targets();
    if (targets.length < DIRECT_MEMBERS_MAX && !asked) return;
    const others = targets.filter((id) => id !== from);
    for (const id of shuffled(others, this.port.random).slice(0, asked ? DIRECT_MEMBERS_MAX : FANOUT)) {
      this.#enqueue(id, keys, { passOn: false });
    }
  }

  /**
   * Tells members that held the same as we did, when reconciliation with `from` brought something new: they lack it, too. After a split
   * all have it as soon as the first two have met.
   */
  tell(
    members: readonly string[],
    keys: ReadonlyArray<readonly [RecordKind, string]>,
    { from }: { from: string },
  ): void {
    const told = members.filter((id) => id !== from);
    const chosen = told.length < DIRECT_MEMBERS_MAX ? told : shuffled(told, this.port.random).slice(0, FANOUT);
    for (const id of chosen) this.#enqueue(id, keys, { passOn: false });
  }

  /** `from` has committed pushes. Unknown and late answers are ignored. */
  acked(from: string, sequences: readonly number[]): void {
    const outbox = this.#outboxes.get(from);
    if (outbox === undefined) return;
    for (const sequence of sequences) {
      const push = outbox.inFlight.get(sequence);
      if (push === undefined) continue;
      push.cancel();
      outbox.inFlight.delete(sequence);
      outbox.answers.sample(this.port.nowMs() - push.sentMs);
      for (const { tokens } of push.items) for (const token of tokens) this.port.copied(token, from);
    }
    this.#unflushed.set(from, outbox);
  }

  /** Sends what has come together. */
  flush(): void {
    for (const [id, outbox] of this.#unflushed) {
      this.#unflushed.delete(id);
      if (this.#outboxes.get(id) === outbox) this.#flush(id, outbox);
    }
  }

  /** Nothing waits or is unanswered for `id`. */
  isIdle(id: string): boolean {
    const outbox = this.#outboxes.get(id);
    return outbox === undefined || (outbox.waiting.size === 0 && outbox.inFlight.size === 0);
  }

  /** Drops what waits for a member that is gone; reconciliation brings it when it is back. */
  forget(id: string): void {
    const outbox = this.#outboxes.get(id);
    for (const { cancel } of outbox?.inFlight.values() ?? []) cancel();
    this.#outboxes.delete(id);
  }

  #enqueue(
    to: string,
    keys: ReadonlyArray<readonly [RecordKind, string]>,
    { token, passOn }: { token?: number; passOn: boolean },
  ): void {
    let outbox = this.#outboxes.get(to);
    if (outbox === undefined) {
      outbox = {
        waiting: new Map(),
        inFlight: new Map(),
        answers: new AnswerTime(),
        lastSentMs: -Infinity,
        paced: false,
      };
      this.#outboxes.set(to, outbox);
    }
    for (const [kind, id] of keys) {
      const key = `${kind}/${id}`;
      let item = outbox.waiting.get(key);
      if (item === undefined) {
        if (outbox.waiting.size >= WAITING_KEYS_MAX) {
          this.port.lost(to);
          break;
        }
        outbox.waiting.set(key, item = { kind, id, passOn, repeated: false, tokens: new Set() });
      }
      item.passOn ||= passOn;
      if (token !== undefined) item.tokens.add(token);
    }
    this.#unflushed.set(to, outbox);
  }

  /** Puts back what a datagram lost, to go over the stream; in new parts, since the records may have grown. */
  #repeat(outbox: Outbox, items: readonly Item[]): void {
    for (const item of items) {
      const key = `${item.kind}/${item.id}`;
      const waiting = outbox.waiting.get(key);
      if (waiting === undefined) {
        outbox.waiting.set(key, { ...item, repeated: true });
        continue;
      }
      waiting.repeated = true;
      for (const token of item.tokens) waiting.tokens.add(token);
    }
  }

  /** An overdue answer may be the first sign of a broken link: somebody else may reach `missed` already. */
  #askOneToPassOn(missed: string, items: readonly Item[]): void {
    // Only for writes of our own: whoever was asked to pass something on does not ask on.
    const own = items.filter(({ passOn, tokens }) => !passOn && tokens.size > 0);
    const others = this.port.targets().filter((id) => id !== missed && this.port.isReached(id));
    if (own.length === 0 || others.length === 0) return;
    const relay = others[this.port.random.below(others.length)];
    this.#enqueue(relay, own.map(({ kind, id }) => [kind, id] as const), { passOn: true });
  }

  /** Whether the next push waits for the answer to the last one, or for its time. */
  #isPaced(to: string, outbox: Outbox): boolean {
    if (outbox.inFlight.size === 0 || outbox.waiting.size === 0 || outbox.waiting.size >= PACED_RECORDS_MAX) {
      return false;
    }
    const waitMs = outbox.lastSentMs + PACE_MS - this.port.nowMs();
    if (waitMs <= 0) return false;
    if (outbox.paced) return true;
    outbox.paced = true;
    this.port.after(waitMs, () => {
      outbox.paced = false;
      this.#unflushed.set(to, outbox);
    });
    return true;
  }

  #flush(to: string, outbox: Outbox): void {
    if (this.#isPaced(to, outbox)) return;
    while (outbox.waiting.size > 0 && outbox.inFlight.size < IN_FLIGHT_MAX) {
      const items: Item[] = [];
      let bytes = 0;
      for (const [key, item] of outbox.waiting) {
        const length = this.port.packed(item.kind, item.id)?.length ?? 0;
        if (items.length > 0 && (bytes + length > PUSH_BYTES_MAX || items.length >= PUSH_RECORDS_MAX)) break;
        outbox.waiting.delete(key);
        items.push(item);
        bytes += length;
      }
      const asPacket = bytes <= this.port.packetBytesMax && this.port.takesPackets(to) &&
        !items.some(({ repeated }) => repeated);
      this.#send(to, outbox, items, asPacket ? "packet" : "stream");
    }
  }

  #send(to: string, outbox: Outbox, items: Item[], channel: "packet" | "stream"): void {
    const lineage = this.port.lineage();
    assert(lineage !== undefined, "Cannot push a record: this server has no lineage");
    const records: Uint8Array[] = [];
    for (const { kind, id } of items) {
      const packed = this.port.packed(kind, id);
      if (packed !== undefined) records.push(packed);
    }
    const sequence = this.#nextSequence = (this.#nextSequence + 1) >>> 0;
    const sentMs = outbox.lastSentMs = this.port.nowMs();
    const overdueMs = Math.max(2 * this.port.timeoutMs(to) + COMMIT_MS, outbox.answers.overdueMs);
    // What was lost before and is overdue on the stream, too, meets a broken link more likely than bad luck.
    const isTrouble = channel === "stream" && items.some(({ repeated }) => repeated);
    const cancelAsking = isTrouble ? this.port.after(overdueMs, () => this.#askOneToPassOn(to, items)) : () => {};
    const cancelTimeout = this.port.after(channel === "packet" ? overdueMs : STREAM_TIMEOUT_MS, () => {
      outbox.inFlight.delete(sequence);
      if (this.#outboxes.get(to) !== outbox) return;
      if (channel === "packet") {
        outbox.answers.timedOut(overdueMs);
        this.#repeat(outbox, items);
      } else this.port.lost(to);
      this.#unflushed.set(to, outbox);
    });
    const cancel = () => {
      cancelAsking();
      cancelTimeout();
    };
    outbox.inFlight.set(sequence, { items, sentMs, cancel });
    const passOn = items.some((item) => item.passOn);
    this.port.send(to, channel, { kind: "push", sequence, lineage, passOn, records });
  }
}
