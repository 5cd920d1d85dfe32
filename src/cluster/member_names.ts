import type { MemberFacts, NodeId } from "../membership/mod.ts";
import { labels, shortIds } from "./standing.ts";

interface Named {
  readonly id: NodeId;
  readonly facts: MemberFacts | undefined;
}

/** Short ids and labels of members: sought out anew only when others are there, or one says something else of itself. */
export class MemberNames {
  #named: Named[] = [];
  #short: ReadonlyMap<NodeId, string> = new Map();
  #labels: ReadonlyMap<NodeId, string> = new Map();

  /** @param members in the same order from call to call, as far as they are the same */
  of(members: readonly Named[]): { short: ReadonlyMap<NodeId, string>; labelled: ReadonlyMap<NodeId, string> } {
    if (!this.#isOf(members)) {
      this.#named = members.map(({ id, facts }) => ({ id, facts })); // Members change in place, their facts do not.
      this.#short = shortIds(members.map(({ id }) => id));
      this.#labels = labels(members, this.#short);
    }
    return { short: this.#short, labelled: this.#labels };
  }

  #isOf(members: readonly Named[]): boolean {
    return members.length === this.#named.length &&
      this.#named.every(({ id, facts }, at) => id === members[at].id && facts === members[at].facts);
  }
}
