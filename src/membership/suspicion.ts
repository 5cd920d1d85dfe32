import type { CancelTimer } from "../base/mod.ts";
import type { NodeId } from "./member.ts";
import type { MembershipPort } from "./port.ts";
import type { MembershipConfig } from "./preset.ts";

/** The least that a suspicion lasts, in milliseconds, however many confirm it. */
export function leastSuspicionMs(members: number, config: MembershipConfig): number {
  return config.suspicionFactor * Math.max(1, Math.log10(Math.max(1, members))) * config.probePeriodMs;
}

/**
 * How long a suspicion lasts, in milliseconds, from its beginning (Lifeguard §IV-B): from the greatest, without confirmation,
 * down to the least with `suspicionConfirmations` of them.
 */
export function suspicionTimeoutMs(
  { members, confirmations, config }: { members: number; confirmations: number; config: MembershipConfig },
): number {
  const leastMs = leastSuspicionMs(members, config);
  const needed = Math.min(config.suspicionConfirmations, Math.max(0, members - 2));
  if (needed === 0) return leastMs; // Nobody else could confirm.
  const greatestMs = leastMs * config.suspicionMaxFactor;
  const share = Math.log(confirmations + 1) / Math.log(needed + 1);
  return Math.max(leastMs, greatestMs - (greatestMs - leastMs) * share);
}

interface Suspicion {
  startedMs: number;
  readonly accusers: Set<NodeId>;
  cancel: CancelTimer;
  cancelLastCall: CancelTimer;
}

/** The suspicions that run on this server; each ends cleared, or expired into a death. */
export class Suspicions {
  readonly #running = new Map<NodeId, Suspicion>();

  constructor(
    private readonly port: MembershipPort,
    private readonly config: MembershipConfig,
    private readonly memberCount: () => number,
    private readonly outcome: {
      /** The suspicion ends soon: the time for a last look. */
      lastCall(id: NodeId): void;
      expired(id: NodeId): void;
    },
  ) {}

  /** Begins a suspicion, or adds an accuser to the running one. True when the accuser is news worth spreading. */
  accuse(id: NodeId, accuser: NodeId): boolean {
    let suspicion = this.#running.get(id);
    if (suspicion === undefined) {
      suspicion = { startedMs: this.port.nowMs(), accusers: new Set(), cancel: () => {}, cancelLastCall: () => {} };
      this.#running.set(id, suspicion);
    } else if (suspicion.accusers.has(accuser) || suspicion.accusers.size > this.config.suspicionConfirmations) {
      return false;
    }
    suspicion.accusers.add(accuser);
    this.#plan(id, suspicion);
    return true;
  }

  /** How long `id` has been suspected, in milliseconds; undefined when it is not. */
  ageMs(id: NodeId): number | undefined {
    const suspicion = this.#running.get(id);
    return suspicion === undefined ? undefined : this.port.nowMs() - suspicion.startedMs;
  }

  /** This process was asleep for `asleepMs`: the suspected could not defend themselves in that time. */
  slept(asleepMs: number): void {
    for (const [id, suspicion] of this.#running) {
      suspicion.startedMs += asleepMs;
      this.#plan(id, suspicion);
    }
  }

  /** The suspected answered a probe of ours: the accusation is not ours any more, its time begins anew. */
  answered(id: NodeId): void {
    const suspicion = this.#running.get(id);
    if (suspicion === undefined) return;
    suspicion.startedMs = this.port.nowMs();
    this.#plan(id, suspicion);
  }

  #plan(id: NodeId, suspicion: Suspicion): void {
    suspicion.cancel();
    suspicion.cancelLastCall();
    const timeoutMs = suspicionTimeoutMs({
      members: this.memberCount(),
      confirmations: suspicion.accusers.size - 1,
      config: this.config,
    });
    const leftMs = Math.max(0, suspicion.startedMs + timeoutMs - this.port.nowMs());
    suspicion.cancelLastCall = this.port.after(
      leftMs - this.config.probeDeadlineMs,
      () => this.outcome.lastCall(id),
    );
    suspicion.cancel = this.port.after(leftMs, () => {
      this.#running.delete(id);
      this.outcome.expired(id);
    });
  }

  clear(id: NodeId): void {
    const suspicion = this.#running.get(id);
    suspicion?.cancel();
    suspicion?.cancelLastCall();
    this.#running.delete(id);
  }
}
