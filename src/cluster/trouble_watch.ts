import { type Destination, isLive, type Member, type NodeId, type Status } from "../membership/mod.ts";

/** Clocks under time synchronisation are nearer to each other than this, in milliseconds. */
const CLOCK_OFF_MS = 2_000;
/** A clock that was off is right again below this, in milliseconds: far enough that nobody says both in turns. */
const CLOCK_RIGHT_MS = 1_000;
/** A server that is about to be suspected refuses connections as well: only what fails again after so long, in milliseconds, is trouble. */
const SECOND_TRY_MS = 5_000;
/** The address of a member that answers over streams alone is tried so often, in milliseconds: it may lead nowhere. */
const ADDRESS_TRY_MS = 300_000;
/** And so often it is tried while it lasts, in milliseconds: nothing else may want a stream to that member. */
const RETRY_MS = 30_000;

/** What the watch needs of the machine around it. */
export interface TroublePort {
  readonly self: NodeId;
  nowMs(): number;
  after(delayMs: number, callback: () => void): void;
  /** Sends whoever is at this address, over a stream that we open there, something that it answers. */
  tryStream(address: string): void;
  member(id: NodeId): Member | undefined;
  members(): Iterable<Member>;
  /** A member's wall clock minus ours, milliseconds; undefined when not known. */
  clockOffsetMs(id: NodeId): number | undefined;
  /** Troubles changed. */
  changed(): void;
  log(level: "info" | "warn", message: string, fields: Record<string, unknown>): void;
}

interface Unreachable {
  readonly sinceMs: number;
  reason: string;
  /** The member lives all the same: worth telling. */
  isTold: boolean;
  /** It opened a stream to us. */
  isOpener: boolean;
}

/** What is wrong with live members, and with this server's clock: told in the log when it begins and ends, and shown until then. */
export class TroubleWatch {
  readonly #unreachable = new Map<NodeId, Unreachable>();
  readonly #refusing = new Set<NodeId>();
  readonly #addressTriedMs = new Map<NodeId, number>();
  #clockAheadMs: number | undefined;

  constructor(private readonly port: TroublePort) {}

  /** No stream to this destination could be opened. */
  failed({ id, address }: Destination, cause: string): void {
    const reason = cause.replace(/^Cannot connect to "[^"]*": /, "");
    const member = id === undefined ? this.#at(address) : this.port.member(id);
    if (member === undefined || member.id === this.port.self || !isLive(member.state)) return;
    const known = this.#unreachable.get(member.id);
    if (known === undefined) {
      const fresh = { sinceMs: this.port.nowMs(), reason, isTold: false, isOpener: false };
      this.#unreachable.set(member.id, fresh);
      return this.port.after(SECOND_TRY_MS, () => this.#tryAgain(member.id, fresh));
    }
    known.reason = reason;
    const isNews = !known.isTold && member.state === "alive" && this.port.nowMs() - known.sinceMs >= SECOND_TRY_MS;
    if (isNews) this.#tell(member, known);
  }

  /** A message of `id` came over a stream: one that we opened to `address`, or that came from there. */
  connected(id: NodeId, address: string): void {
    const known = this.#unreachable.get(id);
    if (known === undefined) return;
    if (address !== this.#addressOf(id)) { // It connects to us; nobody can connect to it for that.
      known.isOpener = true;
      return;
    }
    this.#unreachable.delete(id);
    if (!known.isTold) return;
    this.port.log("info", "A member can be connected to again", { member: id, address: this.#addressOf(id) });
    this.port.changed();
  }

  /** `id` answers over streams only: are datagrams blocked, or does its advertised address lead nowhere? */
  onlyStreams(id: NodeId): void {
    const address = this.#addressOf(id);
    const nowMs = this.port.nowMs();
    if (address === undefined || this.#unreachable.has(id)) return;
    if (nowMs - (this.#addressTriedMs.get(id) ?? -Infinity) < ADDRESS_TRY_MS) return;
    this.#addressTriedMs.set(id, nowMs);
    this.port.tryStream(address);
  }

  /** `id` told how it stands. */
  said(id: NodeId, status: Pick<Status, "diskRefuses">): void {
    const refuses = status.diskRefuses === true;
    if (refuses !== this.#refusing.has(id)) {
      if (refuses) this.#refusing.add(id);
      else this.#refusing.delete(id);
      this.port.log(refuses ? "warn" : "info", `A member's disk ${refuses ? "refuses writes" : "takes writes again"}`, {
        member: id,
        address: this.#addressOf(id),
      });
      this.port.changed();
    }
    const offset = this.port.clockOffsetMs(id) ?? 0;
    if (this.#clockAheadMs !== undefined || Math.abs(offset) >= CLOCK_OFF_MS) this.#lookAtClock();
  }

  /** The member is gone: whatever was wrong with it counts no more. */
  forget(id: NodeId): void {
    this.#unreachable.delete(id);
    this.#refusing.delete(id);
    this.#addressTriedMs.delete(id);
    if (this.#clockAheadMs !== undefined) this.#lookAtClock();
  }

  /** Its disk refuses writes, by its own last word. */
  refusesWrites(id: NodeId): boolean {
    return this.#refusing.has(id);
  }

  /** It lives, no stream to it can be opened, and it opens none either. */
  isUnreachable(id: NodeId): boolean {
    const known = this.#unreachable.get(id);
    return known?.isTold === true && !known.isOpener;
  }

  /** What is wrong with a live member, each in a few words. */
  troublesOf(id: NodeId): string[] {
    const troubles: string[] = [];
    const unreachable = this.#unreachable.get(id);
    if (unreachable?.isTold) troubles.push(`cannot be connected to: ${unreachable.reason}`);
    if (this.#refusing.has(id)) troubles.push("its disk refuses writes");
    const aheadMs = this.port.clockOffsetMs(id) ?? 0;
    // Where our own clock is off, that of the others only seems to be.
    if (this.#clockAheadMs === undefined && Math.abs(aheadMs) >= CLOCK_OFF_MS) {
      troubles.push(`its clock is ${inWords(aheadMs)} ours`);
    }
    return troubles;
  }

  /** What is wrong with this server's own clock. */
  get ownClock(): string | undefined {
    return this.#clockAheadMs === undefined
      ? undefined
      : `its clock is ${inWords(this.#clockAheadMs)} the other servers'`;
  }

  #tryAgain(id: NodeId, unreachable: Unreachable): void {
    if (this.#unreachable.get(id) !== unreachable) return;
    this.port.after(RETRY_MS, () => this.#tryAgain(id, unreachable));
    const address = this.#addressOf(id);
    if (address !== undefined) this.port.tryStream(address);
  }

  #tell({ id, facts }: Member, known: Unreachable): void {
    known.isTold = true;
    this.port.log("warn", "A live member cannot be connected to: is its advertised address right, and TCP open?", {
      member: id,
      address: facts?.address,
      reason: known.reason,
    });
    this.port.changed();
  }

  /** Our clock is the wrong one where it is off from more than half of all servers, to the same side. */
  #lookAtClock(): void {
    const wasOff = this.#clockAheadMs !== undefined;
    const aheadMs = this.#aheadOfMost(wasOff ? CLOCK_RIGHT_MS : CLOCK_OFF_MS);
    this.#clockAheadMs = aheadMs;
    if ((aheadMs !== undefined) === wasOff) return;
    if (aheadMs === undefined) this.port.log("info", "This server's clock is right again", {});
    else {
      this.port.log("warn", "This server's clock is wrong: set it right", { clock: `${inWords(aheadMs)} the others'` });
    }
    this.port.changed();
  }

  /** By how much our clock is ahead of those that it is off from, in the median; undefined when they are no majority. */
  #aheadOfMost(offMs: number): number | undefined {
    let live = 0;
    const ahead: number[] = [];
    const behind: number[] = [];
    for (const { id, state } of this.port.members()) {
      if (!isLive(state)) continue;
      live++;
      const aheadMs = id === this.port.self ? 0 : -(this.port.clockOffsetMs(id) ?? 0);
      if (aheadMs >= offMs) ahead.push(aheadMs);
      else if (-aheadMs >= offMs) behind.push(aheadMs);
    }
    const most = ahead.length > behind.length ? ahead : behind;
    if (most.length * 2 <= live) return undefined;
    return most.sort((a, b) => a - b)[Math.floor(most.length / 2)];
  }

  #at(address: string): Member | undefined {
    for (const member of this.port.members()) if (member.facts?.address === address) return member;
    return undefined;
  }

  #addressOf(id: NodeId): string | undefined {
    return this.port.member(id)?.facts?.address;
  }
}

/** `5 s ahead of`, `3 min behind`. */
function inWords(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const amount = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return aheadMs > 0 ? `${amount} ahead of` : `${amount} behind`;
}
