import type { NodeId, Status } from "../membership/mod.ts";

/** Unequal roots are looked into when nothing moved for so long, in milliseconds: a push may still be on its way. */
const SETTLED_MS = 250;
/**
 * And in any case when they have been unequal for so long. Under a stream of writes they always are, which says nothing: where no push
 * was lost, each look that they asked for doubles the time to the next one.
 */
const UNEQUAL_MS_MIN = 3_000;
const UNEQUAL_MS_MAX = 60_000;

/**
 * Who held the same as we did so short a time ago, in milliseconds, lacks what a comparison with a third one brings: it comes in several
 * messages, and the first of them makes roots unequal.
 */
const ALIKE_MS = 5_000;

/** What waited for a stream is overtaken by packets by less, in milliseconds; more is a clock that was set back. */
const OVERTAKEN_MS_MAX = 10_000;

/** What a member last said of its data. */
export interface SyncState {
  /** Boot whose first word has been looked into; undefined after a separation. */
  bootId: string | undefined;
  inSync: boolean;
  /** When it last said equal roots, in monotonic milliseconds; -Infinity: not since it was away. */
  equalAtMs: number;
  /** Records and tombstones it holds. */
  records: number;
  unequalSinceMs: number | undefined;
  /** How long they have to be unequal until they are looked into although something moves, in milliseconds. */
  patienceMs: number;
  /** Fingerprints of all that it holds, by kind. */
  roots: Status["roots"];
  /** Its wall clock when it said so. */
  saidMs: number;
}

/** Watches the roots that ride on probes, and says when they ask for reconciliation. */
export class SyncWatch {
  readonly #states = new Map<NodeId, SyncState>();

  get(id: NodeId): SyncState | undefined {
    return this.#states.get(id);
  }

  /** The member was away: its next word is looked into at once. */
  separated(id: NodeId): void {
    const state = this.#states.get(id);
    if (state === undefined) return;
    state.bootId = undefined;
    state.inSync = false; // It misses what comes meanwhile.
    state.equalAtMs = -Infinity;
  }

  /** Whether the member holds the same as we do, or did a moment ago. */
  isAlike(id: NodeId, nowMs: number): boolean {
    const state = this.#states.get(id);
    return state !== undefined && (state.inSync || nowMs - state.equalAtMs < ALIKE_MS);
  }

  /** Something that the member should have got is not on its way any more. */
  lost(id: NodeId): void {
    const state = this.#states.get(id);
    if (state !== undefined) state.patienceMs = UNEQUAL_MS_MIN;
  }

  /**
   * Takes in one status; true when the two servers should compare what they hold.
   *
   * @param options `isLeftToOthers`: somebody else met the member first, so that its first word is treated like any other
   */
  heard(
    id: NodeId,
    status: Status,
    { bootId, equal, quietMs, nowMs, isLeftToOthers = false }: {
      bootId: string;
      equal: boolean;
      quietMs: number;
      nowMs: number;
      isLeftToOthers?: boolean;
    },
  ): boolean {
    const before = this.#states.get(id);
    const isSameProcess = before !== undefined && (before.bootId ?? bootId) === bootId;
    const olderByMs = isSameProcess ? before.saidMs - status.wallMs : 0;
    if (olderByMs > 0 && olderByMs < OVERTAKEN_MS_MAX) return false; // A later word was here first.
    const isFirstWord = before?.bootId !== bootId;
    const unequalSinceMs = equal ? undefined : before?.unequalSinceMs ?? nowMs;
    const isPatient = isFirstWord || before === undefined || equal;
    const state: SyncState = {
      bootId,
      inSync: equal,
      equalAtMs: equal ? nowMs : isFirstWord ? -Infinity : before.equalAtMs,
      records: status.recordCount,
      unequalSinceMs,
      roots: status.roots,
      patienceMs: isPatient ? UNEQUAL_MS_MIN : before.patienceMs,
      saidMs: status.wallMs,
    };
    this.#states.set(id, state);
    if (unequalSinceMs === undefined) return false;
    if (isFirstWord ? !isLeftToOthers : quietMs >= SETTLED_MS) return true;
    if (nowMs - unequalSinceMs < state.patienceMs) return false;
    state.unequalSinceMs = nowMs;
    state.patienceMs = Math.min(UNEQUAL_MS_MAX, 2 * state.patienceMs);
    return true;
  }
}
