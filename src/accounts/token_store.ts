import type { Clock } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import type { RecordView } from "../records/mod.ts";
import { OwnedIds } from "./owned_ids.ts";
import { secretHash } from "./secret.ts";
import { readFields } from "./stored_fields.ts";

/** Unused for so long, a token expires, as in the original. */
export const TOKEN_MS = 14 * 24 * 3_600_000;
/** A token in use is renewed at most so often: one small write a day. */
const RENEW_AFTER_MS = 24 * 3_600_000;

/** One stored API token, as far as it could be read. */
export interface StoredToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** API tokens as they are looked up and renewed. */
export class TokenStore {
  readonly #node: Node;
  readonly #clock: Clock;
  readonly #owned: OwnedIds;
  readonly #renewing = new Set<string>();

  constructor({ node, clock }: { node: Node; clock: Clock }) {
    this.#node = node;
    this.#clock = clock;
    this.#owned = new OwnedIds(node, "api_token");
  }

  /** The token behind a bearer value, expired ones left out. */
  find(bearer: string): StoredToken | undefined {
    const hash = secretHash(bearer);
    return hash === undefined ? undefined : this.findHashed(hash);
  }

  /** As {@link find}, by the bearer value's hash. */
  findHashed(hash: string): StoredToken | undefined {
    const record = this.#node.findByName("api_token", "token_hash", hash);
    const token = record && readToken(record);
    return token && token.expiresAtMs > this.#clock.wallMs() ? token : undefined;
  }

  /** The user's, oldest first, expired ones included: they are shown until they are swept away. */
  of(userId: string): StoredToken[] {
    return this.#owned.of(userId).map((id) => this.#node.get("api_token", id)).filter((record) => record !== undefined)
      .map(readToken);
  }

  /** Moves the expiry of a token that is in use. Not awaited: a request does not wait for it, and the next one tries again. */
  renew(token: StoredToken): void {
    const now = this.#clock.wallMs();
    if (token.expiresAtMs - now > TOKEN_MS - RENEW_AFTER_MS || this.#renewing.has(token.id)) return;
    this.#renewing.add(token.id);
    this.#node.write([{ op: "update", kind: "api_token", id: token.id, fields: { expires_at: now + TOKEN_MS } }])
      .then(() => this.#renewing.delete(token.id));
  }

  /** Deletes all of a user's. */
  async deleteAllOf(userId: string): Promise<void> {
    await Promise.all(this.#owned.of(userId).map((id) => this.#node.write([{ op: "delete", kind: "api_token", id }])));
  }

  close(): void {
    this.#owned.close();
  }
}

function readToken(record: RecordView): StoredToken {
  const fields = readFields(record, { user_id: "", name: "", scopes: [], expires_at: 0 });
  return {
    id: record.id,
    userId: fields.user_id,
    name: fields.name,
    scopes: (fields.scopes as unknown[]).filter((scope) => typeof scope === "string"),
    expiresAtMs: fields.expires_at,
  };
}
