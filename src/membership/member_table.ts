import { hash } from "node:crypto";
import { type Random } from "../base/mod.ts";
import { isLive, type Member, type MemberState, type MemberUpdate, type NodeId, supersedes } from "./member.ts";

/** What {@link MemberTable.apply} did with a statement. */
export type Applied =
  | { readonly kind: "unchanged" }
  /** The member was known by name only; now its facts are, too. */
  | { readonly kind: "facts"; readonly member: Member; readonly before: MemberState }
  /** The statement is believed from now on. `before` is undefined for a new member. */
  | { readonly kind: "believed"; readonly member: Member; readonly before: MemberState | undefined };

/** Members remembered at most: a bound against a peer that invents them, far above the 1,000 that we are built for. */
export const MEMBERS_MAX = 4_096;

/** Every member that this server has heard of, itself included. */
export class MemberTable {
  readonly #members = new Map<NodeId, Member>();
  #fingerprint: string | undefined;
  #liveCount = 0;

  get(id: NodeId): Member | undefined {
    return this.#members.get(id);
  }

  all(): IterableIterator<Member> {
    return this.#members.values();
  }

  get size(): number {
    return this.#members.size;
  }

  /** Members that are alive or suspect, this server included. */
  get liveCount(): number {
    return this.#liveCount;
  }

  /** Takes over a statement where it supersedes what is known; facts are judged apart, by when the member said them. */
  apply(update: MemberUpdate, nowMs: number): Applied {
    const member = this.#members.get(update.id);
    if (member === undefined) {
      if (this.#members.size >= MEMBERS_MAX) return { kind: "unchanged" };
      const added: Member = {
        id: update.id,
        incarnation: update.incarnation,
        state: update.state,
        facts: update.facts,
        stateSinceMs: nowMs,
      };
      this.#members.set(update.id, added);
      if (isLive(added.state)) this.#liveCount++;
      this.#fingerprint = undefined;
      return { kind: "believed", member: added, before: undefined };
    }
    const factsAreNews = update.facts !== undefined && update.facts.saidAt > (member.facts?.saidAt ?? -1);
    if (factsAreNews) member.facts = update.facts;
    if (!supersedes(update, member)) {
      if (!factsAreNews) return { kind: "unchanged" };
      this.#fingerprint = undefined;
      return { kind: "facts", member, before: member.state };
    }
    const before = member.state;
    member.incarnation = Math.max(member.incarnation, update.incarnation);
    member.state = update.state;
    if (before !== update.state) member.stateSinceMs = nowMs;
    this.#liveCount += Number(isLive(update.state)) - Number(isLive(before));
    this.#fingerprint = undefined;
    return { kind: "believed", member, before };
  }

  /** 16 hex digits over (id, incarnation, state, age of the facts) of all members, in id order; who left counts by id alone. */
  get fingerprint(): string {
    if (this.#fingerprint === undefined) {
      const lines: string[] = [];
      for (const { id, incarnation, state, facts } of this.#members.values()) {
        lines.push(state === "left" ? `${id} left` : `${id} ${incarnation} ${state} ${facts?.saidAt}`);
      }
      this.#fingerprint = hash("sha256", lines.sort().join("\n")).slice(0, 16);
    }
    return this.#fingerprint;
  }

  /** Up to `count` random members that pass `accept`, each at most once. */
  sample(count: number, random: Random, accept: (member: Member) => boolean): Member[] {
    const candidates: Member[] = [];
    for (const member of this.#members.values()) if (accept(member)) candidates.push(member);
    for (let taken = 0; taken < count && taken < candidates.length; taken++) {
      const other = taken + random.below(candidates.length - taken);
      [candidates[taken], candidates[other]] = [candidates[other], candidates[taken]];
    }
    return candidates.slice(0, count);
  }
}
