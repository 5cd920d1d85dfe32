import type { NodeId } from "../membership/mod.ts";
import { NO_READING, type Reading } from "../records/mod.ts";

/** What a server says of its agreements: since the members were those of `set`, it has agreed with each of them at `at` or later. */
export interface Agreed {
  /** 16 hex digits over the members; "" from a server that has not agreed with anybody since its data came from elsewhere. */
  readonly set: string;
  /** The least of its clock's readings at its last agreement with each of them. */
  readonly at: Reading;
}

/**
 * Said in place of a set of members that is not on disk yet. No set has this hash, so nobody agrees under it. Who settles by our word
 * counts on us to wait for it: after a crash we would not know it any more, and let tombstones go that it has not seen.
 */
export const UNKEPT_SET = "0".repeat(16);

/**
 * The horizon H: what was written at or below it is known to every remembered member, so that a tombstone there has done its work. It
 * is the least of what all members say, when they all speak of the same members; it only grows.
 */
export class Horizon {
  #value: Reading;
  #set = "";
  #others: ReadonlySet<NodeId> = new Set();
  /** Our readings at the last agreement with each other member, since the members are these. */
  readonly #own = new Map<NodeId, Reading>();
  readonly #said = new Map<NodeId, Agreed>();

  /** @param remembered from disk */
  constructor(remembered: Reading) {
    this.#value = remembered;
  }

  get value(): Reading {
    return this.#value;
  }

  /** Which servers are members, hashed. */
  get set(): string {
    return this.#set;
  }

  get others(): ReadonlySet<NodeId> {
    return this.#others;
  }

  /** The members are others than before: all agreements begin anew. False when they are the same. */
  setMembers(set: string, others: ReadonlySet<NodeId>): boolean {
    if (set === this.#set) return false;
    this.#set = set;
    this.#others = others;
    this.#own.clear();
    for (const id of this.#said.keys()) if (!others.has(id)) this.#said.delete(id);
    return true;
  }

  /** Equal roots: `id` holds what we held at `reading`. */
  agreed(id: NodeId, reading: Reading): void {
    if (this.#others.has(id) && reading > (this.#own.get(id) ?? NO_READING)) this.#own.set(id, reading);
  }

  /** `id` said how far it agrees with everybody. What it says of the same members never goes back: a late packet is old news. */
  heard(id: NodeId, agreed: Agreed): void {
    if (!this.#others.has(id)) return;
    const before = this.#said.get(id);
    if (before?.set !== agreed.set || before.at < agreed.at) this.#said.set(id, agreed);
  }

  /** What we say. @param floor our clock's reading on disk: alone, we agree with ourselves */
  own(floor: Reading): Agreed {
    return { set: this.#set, at: least(floor, this.#others, (id) => this.#own.get(id)) };
  }

  /** How far the horizon could grow by what all have said. */
  candidate(floor: Reading): Reading {
    return least(this.own(floor).at, this.#others, (id) => {
      const said = this.#said.get(id);
      return said?.set === this.#set ? said.at : undefined;
    });
  }

  /** False when it is no news. */
  raise(to: Reading): boolean {
    if (to <= this.#value) return false;
    this.#value = to;
    return true;
  }
}

function least(start: Reading, ids: Iterable<NodeId>, readingOf: (id: NodeId) => Reading | undefined): Reading {
  let result = start;
  for (const id of ids) {
    const reading = readingOf(id);
    if (reading === undefined) return NO_READING;
    if (reading < result) result = reading;
  }
  return result;
}
