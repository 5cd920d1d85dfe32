import type { MemberUpdate, NodeId } from "./member.ts";

interface Queued {
  readonly update: MemberUpdate;
  sent: number;
  /** Once it was measured: that takes as long as to send it. */
  bytes: number | undefined;
}

/**
 * Statements that still ride on packets (SWIM §4.1): the least often sent first, each a bounded number of times, only the newest
 * about each member. Bounded by the number of members.
 */
export class UpdateQueue {
  readonly #queued = new Map<NodeId, Queued>();

  get isEmpty(): boolean {
    return this.#queued.size === 0;
  }

  /** Queues a statement in place of an older one about the same member. */
  add(update: MemberUpdate): void {
    this.#queued.set(update.id, { update, sent: 0, bytes: undefined });
  }

  /** Takes statements that together fit `bytesMax`, and counts them as sent once more; gone after `transmitsMax`. */
  take(
    { bytesMax, transmitsMax, measure }: {
      bytesMax: number;
      transmitsMax: number;
      measure: (update: MemberUpdate) => number;
    },
  ): MemberUpdate[] {
    if (this.#queued.size === 0) return [];
    const order = [...this.#queued.values()].sort((a, b) => a.sent - b.sent);
    const taken: MemberUpdate[] = [];
    let bytesLeft = bytesMax;
    for (const queued of order) {
      const bytes = queued.bytes ??= measure(queued.update);
      if (bytes > bytesLeft) continue;
      bytesLeft -= bytes;
      taken.push(queued.update);
      queued.sent++;
      if (queued.sent >= transmitsMax) this.#queued.delete(queued.update.id);
    }
    return taken;
  }
}
