import type { Clock } from "../base/mod.ts";
import type { NodeId, RememberedMember } from "../cluster/mod.ts";
import type { Mutation } from "../storage/mod.ts";
import { memberRows } from "./rows.ts";
import { Throttle } from "./throttle.ts";

/** Members are written to disk at most so often, in milliseconds: they change in bursts. */
const INTERVAL_MS = 500;
/** Members in one commit: a large cluster has more than one atomic write of the store holds. */
const ROWS_MAX = 400;

/** Puts the members on disk, soon after they changed. What the disk refuses is found again by gossip. */
export class MemberMemory {
  readonly #changed = new Map<NodeId, RememberedMember>();
  readonly #throttle: Throttle;

  /** @param commit never rejects */
  constructor(clock: Clock, private readonly commit: (rows: readonly Mutation[]) => Promise<void>) {
    this.#throttle = new Throttle(clock, INTERVAL_MS, () => void this.flush());
  }

  remember(members: readonly RememberedMember[]): void {
    for (const member of members) this.#changed.set(member.id, member);
    this.#throttle.request();
  }

  /** Writes what has changed now. Never rejects. */
  async flush(): Promise<void> {
    const rows = memberRows(this.#changed.values());
    this.#changed.clear();
    for (let at = 0; at < rows.length; at += ROWS_MAX) await this.commit(rows.slice(at, at + ROWS_MAX));
  }

  /** Plans nothing any more. */
  stop(): void {
    this.#throttle.stop();
  }
}
