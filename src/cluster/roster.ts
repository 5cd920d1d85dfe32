import { isLive, type Membership, type NodeId } from "../membership/mod.ts";
import { isWhole } from "./data_set.ts";

/** What the roster needs of this server. */
export interface RosterPort {
  /** False where packets share the stream. */
  readonly hasDatagrams: boolean;
  lineage(): string | undefined;
  /** Its own first copy of the data set is not whole. */
  isCopying(): boolean;
}

/** The other members as replication sees them: who holds our data set, whom to ask for it, and how each is reached. */
export class Roster {
  constructor(
    private readonly self: NodeId,
    private readonly membership: Membership,
    private readonly port: RosterPort,
  ) {}

  /** How many servers hold our data set or will again: all that are remembered, live or not, ourselves included. */
  get holderCount(): number {
    let count = 0;
    for (const { state, facts } of this.membership.members.all()) {
      if (state !== "left" && facts?.lineage === this.port.lineage()) count++;
    }
    return count;
  }

  /** Live members with our data set, without ourselves. */
  targets(): NodeId[] {
    const ids: NodeId[] = [];
    const lineage = this.port.lineage();
    for (const { id, state, facts } of this.membership.members.all()) {
      if (id !== this.self && isLive(state) && facts?.lineage === lineage) ids.push(id);
    }
    return ids;
  }

  /** A server that copies everything takes parts of it from all that have it; another one asks whoever told of a difference. */
  helpers(partner: NodeId): NodeId[] {
    const live = this.targets();
    if (!this.port.isCopying()) return live.includes(partner) ? [partner] : [];
    return live.filter((id) => {
      const { facts } = this.membership.members.get(id)!;
      return facts !== undefined && isWhole(facts) && this.isReached(id);
    });
  }

  /** Whether it is reached without another member's help. */
  isReached(id: NodeId): boolean {
    return this.membership.contact(id).path !== "relayed";
  }

  takesPackets(id: NodeId): boolean {
    return !this.port.hasDatagrams || this.membership.contact(id).path !== "stream";
  }

  /** How long an answer of it may take, in milliseconds. */
  timeoutMs(id: NodeId): number {
    return this.membership.contact(id).roundTrip.timeoutMs;
  }

  /** The wall clocks of the other live servers, less ours, in milliseconds, as far as they are known. */
  clockOffsets(): { offsetsMs: number[]; others: number } {
    const offsetsMs: number[] = [];
    let others = 0;
    for (const { id, state } of this.membership.members.all()) {
      if (id === this.self || !isLive(state)) continue;
      others++;
      const { clockOffsetMs } = this.membership.contact(id);
      if (clockOffsetMs !== undefined) offsetsMs.push(clockOffsetMs);
    }
    return { offsetsMs, others };
  }
}
