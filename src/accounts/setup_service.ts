import type { Clock, Entropy, Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { ADMIN_ROLE_ID, recordId } from "../records/mod.ts";
import { addressKey, type AttemptLimiter } from "./attempt_limiter.ts";
import { check } from "./check.ts";
import type { Caller, SetupOutcome, SetupService } from "./contract.ts";
import type { Passwords } from "./password.ts";
import { newSecret, secretsEqual } from "./secret.ts";
import type { SetupTokenFile } from "./setup_token_file.ts";
import { FirstUser } from "./user_input.ts";

/** What the service is built of. */
export interface SetupParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Logger;
  readonly hasher: Passwords;
  readonly file: SetupTokenFile;
  readonly addresses: AttemptLimiter;
  /** The first admin's. */
  readonly timezone: string;
  /** Where people reach the server, for the link. */
  readonly url: string;
}

/** First run; the rules are those of {@link SetupService}. */
export class Setup implements SetupService {
  readonly #parts: SetupParts;
  readonly #unsubscribe: () => void;
  #token: string | undefined;
  #files: Promise<void>;

  constructor(parts: SetupParts) {
    this.#parts = parts;
    this.#files = parts.file.remove(); // One of an earlier start is worth nothing any more.
    this.#unsubscribe = parts.node.onStatus(() => this.#follow());
    this.#follow();
  }

  get needed(): boolean {
    return this.#parts.node.status().readiness.kind === "setup_needed";
  }

  checkToken(token: string): boolean {
    this.#follow(); // Statuses are told a few times a second: whoever asks sooner is not told something older.
    return this.#token !== undefined && secretsEqual(token, this.#token);
  }

  async setUp(
    { token, ...input }: {
      readonly token: string;
      readonly username: string;
      readonly email: string;
      readonly password: string;
    },
    caller: Caller,
  ): Promise<SetupOutcome> {
    const { node, clock, entropy, hasher, addresses, log, timezone } = this.#parts;
    const early = this.#notNow();
    if (early) return early;
    const address = addressKey(caller.ip);
    const retryAfterSeconds = addresses.take(address);
    if (retryAfterSeconds > 0) return { kind: "rate_limited", retryAfterSeconds };
    if (!this.checkToken(token)) return { kind: "wrong_token" };
    addresses.giveBack(address);
    const checked = check(FirstUser, input);
    if (!checked.ok) return { kind: "invalid", fields: checked.fields };
    const { password, ...names } = checked.value;
    const hash = await hasher.hash(password);
    if (hash === "busy") {
      return { kind: "unavailable", reason: "Too many passwords are being checked; please try again" };
    }
    const userId = recordId(clock.wallMs(), entropy(16));
    const fields = { ...names, password_hash: hash, active: true, preferred_shell: "bash", timezone };
    const outcome = await node.setUp([
      { op: "create", kind: "user", id: userId, fields, sets: { roles: [ADMIN_ROLE_ID], groups: [] } },
    ]);
    if (outcome.kind === "committed") {
      log.info("The first admin was made", { userId, ip: caller.ip });
      this.#follow();
      return { kind: "set_up", userId };
    }
    const late = this.#notNow(); // Another server, or another browser, was quicker.
    if (late) return late;
    if (outcome.kind === "storage_failed" || outcome.kind === "unavailable") return outcome;
    return { kind: "unavailable", reason: "The first admin could not be made now; please try again" };
  }

  /** Removes an unused token's file; waits for what is being written. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#drop();
    await this.#files;
  }

  #notNow(): SetupOutcome | undefined {
    switch (this.#parts.node.status().readiness.kind) {
      case "ready":
        return { kind: "already_set_up" };
      case "joining":
        return { kind: "joining" };
      case "setup_needed":
        return undefined;
    }
  }

  /** Makes the token when setup is needed, and takes it away when it is not any more, here or since another server has data. */
  #follow(): void {
    const { node, entropy, file, log, url } = this.#parts;
    const { readiness } = node.status();
    if (readiness.kind !== "setup_needed") return this.#drop();
    if (this.#token !== undefined) return;
    const token = newSecret(entropy);
    this.#token = token;
    this.#inTurn(() => file.write(token));
    const link = `${url.replace(/\/+$/, "")}/setup?token=${token}`;
    log.info("Setup is needed: open the link to make the first admin", {
      link,
      file: file.path,
      ...(readiness.tried.length === 0 ? {} : { tried: readiness.tried }),
    });
  }

  #drop(): void {
    if (this.#token === undefined) return;
    this.#token = undefined;
    this.#inTurn(() => this.#parts.file.remove());
  }

  #inTurn(work: () => Promise<void>): void {
    this.#files = this.#files.then(work).catch((error) => {
      this.#parts.log.warn("Cannot keep the setup token's file: use the link in the log", {
        file: this.#parts.file.path,
        error: String(error),
      });
    });
  }
}
