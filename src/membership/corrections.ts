import { asUpdate, hasLeft, type MemberUpdate, type NodeId } from "./member.ts";
import type { MemberTable } from "./member_table.ts";
import type { Status } from "./message.ts";
import type { Channel, Destination, MembershipPort } from "./port.ts";

/** Outdated accusations of one message that are put right. */
const CORRECTIONS_MAX = 3;

/** Puts right what others believe and this server knows better. */
export class Corrections {
  constructor(private readonly members: MemberTable, private readonly port: MembershipPort) {}

  /**
   * Who runs with an older incarnation than is known of it, or with the same one in another process, has lost its disk's last word,
   * or has a twin: it must hear of that.
   */
  remind(from: NodeId, { incarnation }: Status, replyTo: Destination, channel: Channel): void {
    const member = this.members.get(from);
    if (member?.facts === undefined || incarnation > member.incarnation) return;
    const isSameProcess = replyTo.bootId === undefined || replyTo.bootId === member.facts.bootId;
    if (incarnation === member.incarnation && isSameProcess) return;
    this.#tell(replyTo, channel, [asUpdate(member)]);
  }

  /** Tells a sender of outdated accusations what is known since: its copy of the refutation was lost. */
  correct(updates: readonly MemberUpdate[], replyTo: Destination): void {
    const corrections: MemberUpdate[] = [];
    for (const { id, state, incarnation } of updates) {
      if ((state !== "suspect" && state !== "dead") || corrections.length >= CORRECTIONS_MAX) continue;
      const known = this.members.get(id);
      if (known === undefined || known.incarnation <= incarnation) continue;
      corrections.push(asUpdate(known));
    }
    if (corrections.length > 0) this.#tell(replyTo, "packet", corrections);
  }

  /** Who is asked for one that has said goodbye tells that. False when it has not: the question stands. */
  hasSaidGoodbye(target: NodeId, replyTo: Destination): boolean {
    const member = this.members.get(target);
    if (member === undefined || !hasLeft(member.state)) return false;
    this.#tell(replyTo, "packet", [asUpdate(member)]);
    return true;
  }

  #tell(destination: Destination, channel: Channel, updates: MemberUpdate[]): void {
    this.port.send(destination, channel, { kind: "gossip", updates });
  }
}
