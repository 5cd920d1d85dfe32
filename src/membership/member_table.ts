import { hash } from "node:crypto";
import { type Random } from "../base/mod.ts";
import { isLive, type Member, type MemberState, type MemberUpdate, type NodeId, supersedes } from "./member.ts";

/** What {@link MemberTable.apply} did with a statement. */
export type Applied =
  | { readonly kind: "unchanged" }
  /** A member that was not known, and no room for it. */
  | { readonly kind: "full" }
  /** The member was known by name only; now its facts are, too. */
  | { readonly kind: "facts"; readonly member: Member; readonly before: MemberState }
  /** The statement is believed from now on. `before` is undefined for a new member. */
  | { readonly kind: "believed"; readonly member: Member; readonly before: MemberState | undefined };

/** Members remembered at most: a bound against a peer that invents them, far above the 1,000 that we are built for. */
export const MEMBERS_MAX = 4_096;

/** Members drawn blindly for each that is wanted; then all are looked at. */
const DRAWS_EACH_MAX = 4;

/** Every member that this server has heard of, itself included. */
export class MemberTable {
  readonly #members = new Map<NodeId, Member>();
  /** The same, to draw from. */
  readonly #list: Member[] = [];
  #fingerprint: string | undefined;
  #circle: readonly Member[] | undefined;
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

  /** The live members, in an order that is the same on all servers that know the same, and as good as random. */
  get circle(): readonly Member[] {
    return this.#circle ??= this.#list.filter(({ state }) => isLive(state)).sort(byLastDigits);
  }

  /** Takes over a statement where it supersedes what is known; facts are judged apart, by when the member said them. */
  apply(update: MemberUpdate, nowMs: number): Applied {
    const member = this.#members.get(update.id);
    if (member === undefined) {
      if (this.#members.size >= MEMBERS_MAX) return { kind: "full" };
      const added: Member = {
        id: update.id,
        incarnation: update.incarnation,
        state: update.state,
        facts: update.facts,
        stateSinceMs: nowMs,
      };
      this.#members.set(update.id, added);
      this.#list.push(added);
      this.#circle = undefined;
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
    if (isLive(before) !== isLive(update.state)) this.#circle = undefined;
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
    return this.#draw(count, random, accept) ?? this.#choose(count, random, accept);
  }

  /** Draws blindly: cheap where nearly all members pass. Undefined when too many of those drawn do not. */
  #draw(count: number, random: Random, accept: (member: Member) => boolean): Member[] | undefined {
    const drawn = new Set<Member>();
    for (let draws = DRAWS_EACH_MAX * count; draws > 0 && this.#list.length > DRAWS_EACH_MAX * count; draws--) {
      const member = this.#list[random.below(this.#list.length)];
      if (accept(member)) drawn.add(member);
      if (drawn.size === count) return [...drawn];
    }
    return undefined;
  }

  #choose(count: number, random: Random, accept: (member: Member) => boolean): Member[] {
    const candidates = this.#list.filter(accept);
    for (let taken = 0; taken < count && taken < candidates.length; taken++) {
      const other = taken + random.below(candidates.length - taken);
      [candidates[taken], candidates[other]] = [candidates[other], candidates[taken]];
    }
    return candidates.slice(0, count);
  }
}

/** Ids begin with the time they were made at: servers of one rack would stand side by side. The last digits are random. */
function byLastDigits(a: Member, b: Member): number {
  for (let i = 1; i <= Math.min(a.id.length, b.id.length); i++) {
    const order = a.id.charCodeAt(a.id.length - i) - b.id.charCodeAt(b.id.length - i);
    if (order !== 0) return order;
  }
  return a.id.length - b.id.length;
}
