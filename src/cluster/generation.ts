import type { BootId, NodeId } from "../membership/mod.ts";
import {
  authorNamed,
  authorOf,
  NO_READING,
  type Reading,
  readingOf,
  type RecordState,
  type Stamp,
} from "../records/mod.ts";

/** One start of this server's process. */
export interface Boot {
  readonly bootId: BootId;
  /** The clock's reading that it found on disk: where the process before it ended. */
  readonly floor: Reading;
}

/** Data that came from elsewhere, or from another time: the server has to agree with the cluster before its word counts. */
export interface Unsettled {
  /** What this server wrote up to here was known to the cluster, though the disk may know nothing of it. */
  readonly knownUpTo: Reading;
}

/** Boots that are remembered: a member that was away for more of them cannot tell how old our data is. */
export const BOOTS_MAX = 64;

/**
 * Whether this server's data has a place in the history that the cluster remembers. It has not when the server is new, was forgotten,
 * or runs on an older copy of its disk.
 */
export class Generation {
  #unsettled: Unsettled | undefined;
  #settledAt: Reading;
  /** What this disk was said to lack up to here it has from the cluster, since this process started. */
  #caughtUpTo: Reading = NO_READING;

  /**
   * @param boots of this data folder, the present one last
   * @param remembered `settledAt`: undefined for a server with which its data set began
   */
  constructor(
    private readonly self: NodeId,
    private readonly boots: readonly Boot[],
    remembered: { readonly unsettled: Unsettled | undefined; readonly settledAt: Reading | undefined },
  ) {
    this.#unsettled = remembered.unsettled;
    this.#settledAt = remembered.settledAt ?? NO_READING;
  }

  get isSettled(): boolean {
    return this.#unsettled === undefined;
  }

  /** The data comes from elsewhere from now on. */
  unsettle(knownUpTo: Reading = NO_READING): Unsettled {
    const before = this.#unsettled;
    const known = before !== undefined && before.knownUpTo > knownUpTo ? before.knownUpTo : knownUpTo;
    return this.#unsettled = { knownUpTo: known };
  }

  /** Agrees with the cluster. @param now no stamp that was seen so far is later */
  settle(now: Reading): void {
    const known = this.#unsettled?.knownUpTo ?? NO_READING;
    if (known > this.#caughtUpTo) this.#caughtUpTo = known;
    this.#unsettled = undefined;
    this.#settledAt = now;
  }

  /** Whether this server would know of a record that was born at `stamp`, had the cluster ever had it. */
  remembers(stamp: Stamp): boolean {
    return readingOf(stamp) > this.#settledAt;
  }

  /**
   * Whether the disk is older than what a member remembers: with `bootId` it had seen us at `floor`. What we have caught up with is no
   * news, though the one that remembers it may say so with every word until it agrees with us itself.
   */
  isOlderThan({ bootId, floor }: Boot): boolean {
    if (floor <= this.#caughtUpTo) return false;
    const at = this.boots.findIndex((boot) => boot.bootId === bootId);
    if (at < 0) return true;
    return at + 1 < this.boots.length && this.boots[at + 1].floor < floor;
  }

  /**
   * Whether only this server can know of what was written at `stamp`: nobody who is remembered wrote it, or has agreed on it.
   *
   * @param agreed what this server had up to here, at least one of `members` has
   */
  isUnagreed(stamp: Stamp, { agreed, members }: { agreed: Reading; members: Iterable<NodeId> }): boolean {
    const author = authorOf(stamp);
    const isOurs = authorNamed(this.self) === author;
    if (!isOurs && [...members].some((id) => authorNamed(id) === author)) return false;
    const known = this.#unsettled?.knownUpTo ?? NO_READING;
    return readingOf(stamp) > (isOurs && known > agreed ? known : agreed);
  }
}

/** What a server does with a record of its own that the cluster says it has deleted. */
export type Fate =
  /** Nobody else can have known it: it is written anew. */
  | "renew"
  /** It was deleted. */
  | "drop"
  /** It was deleted, but edited here meanwhile: the operator should know. */
  | "drop_edited";

/**
 * What becomes of `state`, of which a settled server said that it is gone.
 *
 * @param options `isUnagreed` as {@link Generation.isUnagreed}; `isKnown`: the cluster had it
 */
export function fateOf(
  state: RecordState,
  { isUnagreed, isKnown }: { isUnagreed: (stamp: Stamp) => boolean; isKnown: boolean },
): Fate {
  if (state.deletedAt !== undefined) return "drop";
  if (!isKnown) return "renew";
  return editedFields(state, isUnagreed).length > 0 ? "drop_edited" : "drop";
}

/** Fields and sets of which only this server can know the present value. */
export function editedFields({ fields, sets }: RecordState, isUnagreed: (stamp: Stamp) => boolean): string[] {
  const names: string[] = [];
  for (const [name, { stamp }] of fields) if (isUnagreed(stamp)) names.push(name);
  for (const [name, elements] of sets) {
    if ([...elements.values()].some(({ stamp }) => isUnagreed(stamp))) names.push(name);
  }
  return names;
}
