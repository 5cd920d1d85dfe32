import type { Node } from "../node/mod.ts";

/** Which sessions, or tokens, are whose: kept from the changes, since scanning all of them for each request would cost what exists. */
export class OwnedIds {
  readonly #byOwner = new Map<string, Set<string>>();
  readonly #ownerOf = new Map<string, string>();
  readonly #unsubscribe: () => void;

  constructor(node: Node, kind: "session" | "api_token") {
    this.#unsubscribe = node.onChange((change) => {
      if (change.kind === kind) this.#set(change.id, node.get(kind, change.id)?.fields.user_id);
    });
    for (const record of node.list(kind)) this.#set(record.id, record.fields.user_id);
  }

  /** Ids in the order they were made (they begin with their time). */
  of(userId: string): string[] {
    return [...this.#byOwner.get(userId) ?? []].sort();
  }

  close(): void {
    this.#unsubscribe();
  }

  #set(id: string, owner: unknown): void {
    const before = this.#ownerOf.get(id);
    if (before === owner) return;
    if (before !== undefined) {
      const ids = this.#byOwner.get(before)!;
      ids.delete(id);
      if (ids.size === 0) this.#byOwner.delete(before);
      this.#ownerOf.delete(id);
    }
    if (typeof owner !== "string") return;
    this.#ownerOf.set(id, owner);
    const ids = this.#byOwner.get(owner) ?? new Set();
    this.#byOwner.set(owner, ids.add(id));
  }
}
