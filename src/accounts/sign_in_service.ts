import type { Clock, Entropy, Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { normaliseName, type RecordView } from "../records/mod.ts";
import { addressKey, AttemptLimiter } from "./attempt_limiter.ts";
import type { AuditService } from "./audit_log.ts";
import type { Caller, SignInOutcome, SignInService, VerifyOutcome } from "./contract.ts";
import { newTotpSecret, totpStep, totpUri } from "./one_time_code.ts";
import type { Passwords } from "./password.ts";
import type { Principal } from "./principal.ts";
import { principalOf } from "./principal_of.ts";
import { isActive } from "./rights.ts";
import type { Sealer } from "./sealer.ts";
import { secretHash } from "./secret.ts";
import { SESSION_MS, type SessionStore, type StoredSession } from "./session_store.ts";
import { readFields } from "./stored_fields.ts";
import type { TokenStore } from "./token_store.ts";

const BUSY = { kind: "unavailable", reason: "Too many passwords are being checked; please try again" } as const;

/** How long signing in waits for the other live servers, so that a load balancer may send the next request to any of them. */
const SIGN_IN_WAIT_MS = 250;

/** Failed tries for one account: ten at once, then one each 30 s, 2,880 a day: nothing against a password of 8 characters. */
const ACCOUNT_LIMITS = { burst: 10, refillMs: 30_000 };
/** Places that are remembered for {@link SignIn}'s known ones; the longest unused goes first. */
const KNOWN_PLACES_MAX = 10_000;
/** Failed tries from one address, which an office may share: thirty at once, then one each 10 s. */
export const ADDRESS_LIMITS = { burst: 30, refillMs: 10_000 };

/** What the service is built of. */
export interface SignInParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Logger;
  readonly audit: AuditService;
  readonly hasher: Passwords;
  readonly sealer: Sealer;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  /** Undefined where addresses are not limited. */
  readonly addresses: AttemptLimiter | undefined;
  readonly totp: { readonly enabled: boolean; readonly window: number; readonly issuer: string };
}

/** Signing in; the rules are those of {@link SignInService}. */
export class SignIn implements SignInService {
  readonly usesTotp: boolean;
  readonly #parts: SignInParts;
  readonly #accounts: AttemptLimiter;
  /** Account and address pairs that signed in here: each has tries of its own, so that strangers cannot use up those of the owner. */
  readonly #knownPlaces = new Set<string>();
  /** Last one-time-code step by user id, taken before the write that tells the others: the same code twice at once opens one session. */
  readonly #usedSteps = new Map<string, number>();

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.usesTotp = parts.totp.enabled;
    this.#accounts = new AttemptLimiter(ACCOUNT_LIMITS, () => parts.clock.monotonicMs());
  }

  async signIn(
    { email, password, totpCode = "" }: {
      readonly email: string;
      readonly password: string;
      readonly totpCode?: string;
    },
    caller: Caller,
  ): Promise<SignInOutcome> {
    const { node, hasher, addresses, log } = this.#parts;
    if (node.status().readiness.kind !== "ready") {
      return {
        kind: "unavailable",
        reason: "This server has no data yet: it is joining its cluster, or waits for its setup",
      };
    }
    const account = normaliseName("user", "email", email.trim()).slice(0, 320);
    const address = addressKey(caller.ip);
    const place = `${account} ${address}`;
    const limited = this.#knownPlaces.has(place) ? place : account;
    const retryAfterSeconds = (addresses?.take(address) ?? 0) || this.#accounts.take(limited);
    if (retryAfterSeconds > 0) return { kind: "rate_limited", retryAfterSeconds };

    const asked = node.findByName("user", "email", account); // The owner of the address; who lost it in a clash is not found by it.
    const stored = asked && readFields(asked, { password_hash: "" }).password_hash;
    const right = await hasher.verify(password, stored);
    if (right === "busy") {
      this.#giveBack(address, limited);
      return BUSY;
    }
    const user = asked && node.get("user", asked.id); // Anew: it may have changed while the hash was worked out.
    if (!user) return this.#reject(caller, { reason: "no user has this email" });
    const userId = user.id;
    if (!right || user.fields.password_hash !== stored) {
      return this.#reject(caller, { userId, reason: "wrong password" });
    }
    if (!isActive(user)) return this.#reject(caller, { userId, reason: "the user is not active" });
    const code = this.#checkCode(user, totpCode);
    if (code.kind === "wrong") return this.#reject(caller, { userId, reason: "wrong one-time code" });
    this.#giveBack(address, limited);
    this.#remember(place);
    log.info("Signed in", { userId: user.id, ip: caller.ip });
    return await this.#open(user, caller, code);
  }

  async verifyPassword(principal: Principal, password: string): Promise<VerifyOutcome> {
    const { node, hasher } = this.#parts;
    const user = node.get("user", principal.userId);
    if (!user) return { kind: "wrong" };
    // Tries of its own: whoever fails to sign in elsewhere keeps nobody from changing a password here.
    const limited = `verify ${user.id}`;
    const retryAfterSeconds = this.#accounts.take(limited);
    if (retryAfterSeconds > 0) return { kind: "rate_limited", retryAfterSeconds };
    const right = await hasher.verify(password, readFields(user, { password_hash: "" }).password_hash);
    if (right !== false) this.#accounts.giveBack(limited);
    if (right === "busy") return BUSY;
    return { kind: right ? "right" : "wrong" };
  }

  authenticate(
    { bearer, sessionToken }: { readonly bearer?: string; readonly sessionToken?: string } & Caller,
  ): Principal | undefined {
    const hash = secretHash(bearer ?? sessionToken ?? "");
    if (hash === undefined) return undefined;
    return (bearer === undefined ? undefined : this.#byToken(hash)) ?? this.#bySession(hash);
  }

  #byToken(hash: string): Principal | undefined {
    const { node, tokens } = this.#parts;
    const token = tokens.findHashed(hash);
    const user = token && node.get("user", token.userId);
    if (!user || !isActive(user)) return undefined;
    tokens.renew(token);
    return principalOf(node, user, { kind: "token", id: token.id, scopes: token.scopes });
  }

  #bySession(hash: string): Principal | undefined {
    const { node, sessions } = this.#parts;
    const session = sessions.findHashed(hash);
    const user = session && node.get("user", session.userId);
    if (!user || !isActive(user) || !openedWithPresentPassword(session, user)) return undefined;
    sessions.renew(session);
    return principalOf(node, user, { kind: "session", id: session.id });
  }

  /** The log knows why; who asks does not. What was typed as email is not logged: it may be a password in the wrong field. */
  #reject({ ip, userAgent }: Caller, why: { readonly userId?: string; readonly reason: string }): SignInOutcome {
    const { node, audit } = this.#parts;
    const user = why.userId === undefined ? undefined : node.get("user", why.userId);
    audit.record({
      actor: user ? readFields(user, { username: "" }).username : "",
      actorType: "User",
      event: "Login Failed",
      details: why.reason,
      properties: { ip, user_agent: userAgent },
    });
    this.#parts.log.info("Sign-in was rejected", { ip, ...why });
    return { kind: "rejected" };
  }

  #giveBack(address: string, limited: string): void {
    this.#parts.addresses?.giveBack(address);
    this.#accounts.giveBack(limited);
  }

  #remember(place: string): void {
    this.#knownPlaces.delete(place);
    this.#knownPlaces.add(place);
    if (this.#knownPlaces.size > KNOWN_PLACES_MAX) this.#knownPlaces.delete(this.#knownPlaces.keys().next().value!);
  }

  #checkCode(user: RecordView, code: string): CodeCheck {
    const { totp, sealer, entropy, clock } = this.#parts;
    if (!totp.enabled) return { kind: "right", fields: {} };
    const stored = readFields(user, { totp_secret: "", totp_step: 0 });
    if (stored.totp_secret === "") {
      const secret = newTotpSecret(entropy);
      return { kind: "right", fields: { totp_secret: sealer.seal(secret) }, enrolled: secret };
    }
    const secret = sealer.open(stored.totp_secret);
    if (secret === undefined) {
      this.#parts.log.warn("Cannot read a one-time-code secret: it was sealed under another server.encrypt key", {
        userId: user.id,
      });
      return { kind: "wrong" };
    }
    const step = totpStep({ secret, code, window: totp.window, wallMs: clock.wallMs() });
    const used = Math.max(stored.totp_step, this.#usedSteps.get(user.id) ?? 0);
    if (step === undefined || step <= used) return { kind: "wrong" };
    this.#usedSteps.set(user.id, step);
    return { kind: "right", fields: { totp_step: step } };
  }

  async #open(user: RecordView, caller: Caller, code: CodeCheck & { kind: "right" }): Promise<SignInOutcome> {
    const { node, clock, sessions, totp } = this.#parts;
    const prepared = sessions.prepare(user, caller);
    const outcome = await node.write([...prepared.writes, {
      op: "update",
      kind: "user",
      id: user.id,
      fields: { last_login_at: clock.wallMs(), ...code.fields },
    }], { copies: "all", waitMs: SIGN_IN_WAIT_MS });
    if (outcome.kind === "not_found") return { kind: "rejected" }; // Deleted in this very moment.
    if (outcome.kind !== "committed") {
      // A secret that could not be stored would lock the user out at the next sign-in.
      if (code.enrolled !== undefined) {
        return { kind: "unavailable", reason: "The one-time-code secret could not be stored; please try again" };
      }
      sessions.keepLocal(prepared);
    } else await sessions.trim(user.id);
    const label = String(user.fields.email ?? "");
    return {
      kind: "signed_in",
      userId: user.id,
      sessionToken: prepared.token,
      maxAgeSeconds: SESSION_MS / 1000,
      totpSecret: code.enrolled,
      totpUri: code.enrolled && totpUri({ secret: code.enrolled, issuer: totp.issuer, label }),
    };
  }
}

type CodeCheck =
  | { readonly kind: "wrong" }
  | { readonly kind: "right"; readonly fields: Readonly<Record<string, string | number>>; readonly enrolled?: string };

function openedWithPresentPassword(session: StoredSession, user: RecordView): boolean {
  return session.passwordStampMs === user.stampMs("password_hash");
}
