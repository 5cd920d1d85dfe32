import { isLive, type Member, type MemberState, type MemberUpdate, type NodeId } from "../membership/mod.ts";

const DAY_MS = 86_400_000;
/** After so long, in milliseconds, a server is not expected back; meanwhile nothing that is deleted can be let go for good. */
const LONG_GONE_MS = 30 * DAY_MS;

/** A member as the disk remembers it. */
export interface RememberedMember extends MemberUpdate {
  /** Since when it was not live, milliseconds since the Unix epoch by this server's clock. */
  readonly goneSinceMs?: number;
}

/** Since when members are gone, over restarts of this server, and what to do about the one that stays away. */
export class Absences {
  readonly #sinceMs = new Map<NodeId, number>();

  constructor(remembered: Iterable<RememberedMember>) {
    for (const { id, state, goneSinceMs } of remembered) {
      if (isAway(state) && goneSinceMs !== undefined) this.#sinceMs.set(id, goneSinceMs);
    }
  }

  /** A member is new, or in another state. @param wallMs now, milliseconds since the Unix epoch */
  changed({ id, state }: Pick<Member, "id" | "state">, wallMs: number): void {
    if (!isAway(state)) this.#sinceMs.delete(id);
    else if (!this.#sinceMs.has(id)) this.#sinceMs.set(id, Math.floor(wallMs));
  }

  /** Milliseconds since the Unix epoch; undefined for one that is live. */
  sinceMs(id: NodeId): number | undefined {
    return this.#sinceMs.get(id);
  }

  /** Advice to whoever looks after the cluster; undefined when there is none to give. */
  problemOf(id: NodeId, wallMs: number): string | undefined {
    const goneMs = wallMs - (this.#sinceMs.get(id) ?? wallMs);
    if (goneMs < LONG_GONE_MS) return undefined;
    return `gone for ${Math.floor(goneMs / DAY_MS)} days: if it will not come back, have it forgotten with ` +
      `"knot cluster forget ${id}"`;
  }
}

/** Who left for good is waited for by nobody. */
function isAway(state: MemberState): boolean {
  return !isLive(state) && state !== "left";
}
