import { z } from "zod";
import type { Clock, Entropy } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { recordId } from "../records/mod.ts";
import { check, list } from "./check.ts";
import type { ApiToken, TokenService } from "./contract.ts";
import { created, deleted, updated } from "./outcome.ts";
import type { Principal } from "./principal.ts";
import { newSecret, secretHash } from "./secret.ts";
import { baseOf, timeText } from "./stored_fields.ts";
import { type StoredToken, TOKEN_MS, type TokenStore } from "./token_store.ts";

/** Begins every token, so that scanners for leaked secrets can know one. */
const BEARER_PREFIX = "knot_";
/** More than anybody's scripts need; keeps the list one page. */
const TOKENS_OF_USER_MAX = 100;

/**
 * The scopes that clients of the original know. They narrow: a token with any reaches only what they name. What they name does not exist
 * here yet, so that such a token can do nothing but say whose it is.
 */
const SCOPES = ["methods", "mcp", "tunnels"] as const;

const name = z.string().trim().min(1).max(255);
const scopes = list(z.enum(SCOPES), SCOPES.length);
const NewToken = z.object({ name, scopes: scopes.default([]) });
const TokenChange = z.object({ name, scopes }).partial();

/** A user's own API tokens. */
export function createTokenService(
  { node, clock, entropy, store }: { node: Node; clock: Clock; entropy: Entropy; store: TokenStore },
): TokenService {
  /** By listed id, or by the bearer value, which the original's clients know as the id. */
  const own = (principal: Principal, id: string): StoredToken | undefined => {
    const wanted = store.find(id)?.id ?? id;
    return store.of(principal.userId).find((token) => token.id === wanted);
  };
  return {
    list: (principal) => store.of(principal.userId).map(apiToken),
    async create(principal, input, write) {
      if (principal.userId === "") {
        return { kind: "forbidden", reason: "The operator's console has no tokens: sign in as a user" };
      }
      const checked = check(NewToken, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      if (store.of(principal.userId).length >= TOKENS_OF_USER_MAX) {
        return {
          kind: "invalid",
          fields: { name: `is one too many: delete one of your ${TOKENS_OF_USER_MAX} tokens first` },
        };
      }
      const bearer = BEARER_PREFIX + newSecret(entropy);
      const id = recordId(clock.wallMs(), entropy(16));
      const fields = {
        user_id: principal.userId,
        token_hash: secretHash(bearer)!,
        name: checked.value.name,
        scopes: checked.value.scopes,
        expires_at: clock.wallMs() + TOKEN_MS,
      };
      const outcome = created(id, await node.write([{ op: "create", kind: "api_token", id, fields }], write));
      return outcome.kind === "created" ? { ...outcome, bearer } : outcome;
    },
    async update(principal, id, input, { base, version, write } = {}) {
      const token = own(principal, id);
      const record = token && node.get("api_token", token.id);
      if (!record) return { kind: "not_found" };
      const checked = check(TokenChange, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      return updated(
        await node.write([{
          op: "update",
          kind: "api_token",
          id: record.id,
          fields: checked.value,
          base: baseOf(base, { fields: ["name", "scopes"], sets: [] }),
          version,
        }], write),
      );
    },
    async delete(principal, id, write) {
      const token = own(principal, id);
      if (!token) return { kind: "not_found" };
      return deleted(await node.write([{ op: "delete", kind: "api_token", id: token.id }], write));
    },
  };
}

function apiToken(token: StoredToken): ApiToken {
  return {
    token_id: token.id,
    name: token.name,
    expires_after: timeText(token.expiresAtMs),
    scopes: token.scopes,
  };
}
