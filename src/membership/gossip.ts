import type { CancelTimer } from "../base/mod.ts";
import type { Member, MemberUpdate } from "./member.ts";
import type { MemberTable } from "./member_table.ts";
import type { MembershipPort } from "./port.ts";
import type { MembershipConfig } from "./preset.ts";
import { UpdateQueue } from "./update_queue.ts";

/** News waits so long for company before its first wave, in milliseconds. */
const FIRST_WAVE_MS = 2;

/** Spreads statements: on probes and acks, and while there is news also in waves of their own (SWIM §4.1, memberlist's gossip). */
export class Gossip {
  readonly #queue = new UpdateQueue();
  #plannedMs = Infinity;
  #cancel: CancelTimer = () => {};

  constructor(
    private readonly port: MembershipPort,
    private readonly config: MembershipConfig,
    private readonly members: MemberTable,
    private readonly isTold: (member: Member) => boolean,
  ) {}

  /** No news is under way. */
  get isQuiet(): boolean {
    return this.#queue.isEmpty;
  }

  spread(update: MemberUpdate): void {
    this.#queue.add(update);
    this.#plan(FIRST_WAVE_MS);
  }

  /** News for one packet, counted as sent. */
  take(bytesMax: number): MemberUpdate[] {
    const transmitsMax = Math.ceil(this.config.retransmitFactor * Math.log10(this.members.liveCount + 1));
    return this.#queue.take({
      bytesMax,
      transmitsMax: Math.max(1, transmitsMax),
      measure: (update) => this.port.measure(update),
    });
  }

  #plan(delayMs: number): void {
    const atMs = this.port.nowMs() + delayMs;
    if (atMs >= this.#plannedMs) return;
    this.#cancel();
    this.#plannedMs = atMs;
    this.#cancel = this.port.after(delayMs, () => {
      this.#plannedMs = Infinity;
      this.#wave();
    });
  }

  #wave(): void {
    const told = this.members.sample(this.config.gossipFanout, this.port.random, this.isTold);
    for (const member of told) {
      const updates = this.take(this.port.gossipBytesMax);
      if (updates.length === 0) return;
      this.port.send({ id: member.id, address: member.facts!.address }, "packet", { kind: "gossip", updates });
    }
    // With nobody to tell, the news waits for the next probe or member instead of spinning here.
    if (told.length > 0 && !this.#queue.isEmpty) this.#plan(this.config.gossipIntervalMs);
  }
}
