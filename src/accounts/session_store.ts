import type { Clock, Entropy } from "../base/mod.ts";
import type { Node, Write } from "../node/mod.ts";
import { recordId, type RecordView } from "../records/mod.ts";
import type { Caller } from "./contract.ts";
import type { Replicated } from "./outcome.ts";
import { OwnedIds } from "./owned_ids.ts";
import { newSecret, secretHash } from "./secret.ts";
import { readFields } from "./stored_fields.ts";

/** Unused for so long, a session ends. */
export const SESSION_MS = 14 * 24 * 3_600_000;
/** A session in use is renewed at most so often: one small write a day. */
const RENEW_AFTER_MS = 24 * 3_600_000;
/** More places than anybody is signed in at; signing in once more ends the oldest. */
const SESSIONS_OF_USER_MAX = 50;
/** Sessions of this server only, kept while nothing can be written; the oldest goes first. */
const LOCAL_SESSIONS_MAX = 1_000;
/** Browsers send about 150 characters; more says nothing. */
const USER_AGENT_CHARACTERS_MAX = 256;

/** One stored session, as far as it could be read. */
export interface StoredSession {
  readonly id: string;
  readonly userId: string;
  readonly ip: string;
  readonly userAgent: string;
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
  /** Stamp of the password it was opened with: a session is good for that very password. */
  readonly passwordStampMs: number;
}

/**
 * Sessions in the cluster, and those of this server only. A session names the stamp of the password it was opened with: when the password
 * changes it ends, also one that was opened with the old password on a server that had not heard yet.
 */
export class SessionStore {
  readonly #node: Node;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #owned: OwnedIds;
  readonly #local = new Map<string, StoredSession>();
  readonly #ended = new Set<string>();
  readonly #renewing = new Set<string>();

  constructor({ node, clock, entropy }: { node: Node; clock: Clock; entropy: Entropy }) {
    this.#node = node;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#owned = new OwnedIds(node, "session");
  }

  /** A fresh session, not stored yet: commit `writes`, or {@link keepLocal} it. */
  prepare(user: RecordView, caller: Caller): PreparedSession {
    const token = newSecret(this.#entropy);
    const session: StoredSession = {
      id: recordId(this.#clock.wallMs(), this.#entropy(16)),
      userId: user.id,
      ip: caller.ip,
      userAgent: caller.userAgent.slice(0, USER_AGENT_CHARACTERS_MAX),
      expiresAtMs: this.#clock.wallMs() + SESSION_MS,
      passwordStampMs: user.stampMs("password_hash") ?? 0,
    };
    const tokenHash = secretHash(token)!;
    const create: Write = {
      op: "create",
      kind: "session",
      id: session.id,
      fields: {
        user_id: session.userId,
        token_hash: tokenHash,
        ip: session.ip,
        user_agent: session.userAgent,
        expires_at: session.expiresAtMs,
        password_stamp: session.passwordStampMs,
      },
    };
    return { token, tokenHash, session, writes: [create] };
  }

  /** Keeps a session in memory: signing in works while the disk is full or the clock is off, on this server, until it restarts. */
  keepLocal({ session, tokenHash }: PreparedSession): void {
    this.#local.set(tokenHash, session);
    if (this.#local.size > LOCAL_SESSIONS_MAX) this.#local.delete(this.#local.keys().next().value!);
  }

  /** The session behind a cookie or bearer value, given by its hash; expired ones left out. */
  findHashed(hash: string): StoredSession | undefined {
    const record = this.#node.findByName("session", "token_hash", hash);
    const session = record ? readSession(record) : this.#local.get(hash);
    return session && this.#isOpen(session) ? session : undefined;
  }

  /** The user's, newest first, expired ones left out. */
  of(userId: string): StoredSession[] {
    const stored = this.#owned.of(userId).map((id) => this.#node.get("session", id)).filter((record) =>
      record !== undefined
    );
    const local = [...this.#local.values()].filter((session) => session.userId === userId);
    return [...stored.map(readSession), ...local].reverse().filter((session) => this.#isOpen(session));
  }

  /** Moves the end of a session that is in use. Not awaited: a request does not wait for it, and the next one tries again. */
  renew(session: StoredSession): void {
    const now = this.#clock.wallMs();
    if (session.expiresAtMs - now > SESSION_MS - RENEW_AFTER_MS || this.#renewing.has(session.id)) return;
    this.#renewing.add(session.id);
    this.#node.write([{ op: "update", kind: "session", id: session.id, fields: { expires_at: now + SESSION_MS } }])
      .then(() => this.#renewing.delete(session.id));
  }

  /** Ties a session to the user's present password, after it was changed in that session. */
  async rebind(sessionId: string, user: RecordView): Promise<void> {
    const stamp = user.stampMs("password_hash") ?? 0;
    await this.#node.write([{ op: "update", kind: "session", id: sessionId, fields: { password_stamp: stamp } }]);
    for (const [hash, session] of this.#local) {
      if (session.id === sessionId) this.#local.set(hash, { ...session, passwordStampMs: stamp });
    }
  }

  /** Ends one session, stored or local. Where that cannot be written now, this server at least refuses it from now on. */
  async end(sessionId: string): Promise<Replicated> {
    this.#endLocal((session) => session.id === sessionId);
    this.#ended.add(sessionId);
    if (this.#ended.size > LOCAL_SESSIONS_MAX) this.#ended.delete(this.#ended.keys().next().value!);
    const outcome = await this.#node.write([{ op: "delete", kind: "session", id: sessionId }]);
    return outcome.kind === "committed" ? outcome : { copies: 1, members: 1 };
  }

  /** Ends the user's sessions but one. Those that cannot be written now are refused by the join at read time all the same. */
  async endAllOf(userId: string, { but }: { but?: string } = {}): Promise<void> {
    this.#endLocal((session) => session.userId === userId && session.id !== but);
    const ids = this.#owned.of(userId).filter((id) => id !== but);
    await Promise.all(ids.map((id) => this.#node.write([{ op: "delete", kind: "session", id }])));
  }

  /** Ends the user's oldest sessions past the limit. */
  async trim(userId: string): Promise<void> {
    const surplus = this.#owned.of(userId).slice(0, -SESSIONS_OF_USER_MAX);
    await Promise.all(surplus.map((id) => this.#node.write([{ op: "delete", kind: "session", id }])));
  }

  close(): void {
    this.#owned.close();
  }

  #isOpen(session: StoredSession): boolean {
    return session.expiresAtMs > this.#clock.wallMs() && !this.#ended.has(session.id);
  }

  #endLocal(ends: (session: StoredSession) => boolean): boolean {
    const hashes = [...this.#local].filter(([, session]) => ends(session)).map(([hash]) => hash);
    for (const hash of hashes) this.#local.delete(hash);
    return hashes.length > 0;
  }
}

/** A session and the secret that opens it. */
export interface PreparedSession {
  readonly token: string;
  readonly tokenHash: string;
  readonly session: StoredSession;
  readonly writes: readonly Write[];
}

function readSession(record: RecordView): StoredSession {
  const fields = readFields(record, { user_id: "", ip: "", user_agent: "", expires_at: 0, password_stamp: -1 });
  return {
    id: record.id,
    userId: fields.user_id,
    ip: fields.ip,
    userAgent: fields.user_agent,
    expiresAtMs: fields.expires_at,
    passwordStampMs: fields.password_stamp,
  };
}
