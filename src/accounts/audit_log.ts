import { type CancelTimer, type Clock, type Entropy, type Logger, rateLimited } from "../base/mod.ts";
import { recordId } from "../records/mod.ts";
import type { AuditRow, AuditStore } from "./audit_store.ts";
import { OneAtATime } from "./one_at_a_time.ts";
import { timeText } from "./stored_fields.ts";

/** What happened, without any secret. */
export interface AuditEvent {
  /** A username, "operator" for the machine's console; "" where nobody is known. */
  readonly actor: string;
  readonly actorType: "User" | "System";
  /** In the original's words: "Login Failed", "Group Update". */
  readonly event: string;
  /** A sentence for people. */
  readonly details: string;
  readonly properties?: Readonly<Record<string, string>>;
}

/** One entry, in the names of the REST API. */
export interface AuditItem {
  readonly audit_log_id: string;
  readonly zone: string;
  readonly actor: string;
  readonly actor_type: string;
  readonly event: string;
  /** RFC 3339. */
  readonly when: string;
  readonly details: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** What to look for; texts that are "" or absent let everything through. */
export interface AuditQuery {
  /** Anywhere in an entry, whatever the case. */
  readonly text?: string;
  readonly actor?: string;
  readonly actorType?: string;
  readonly event?: string;
  /** Wall clock, milliseconds since the Unix epoch, inclusive. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** What was done through this server, and by whom; the newest first. */
export interface AuditService {
  /** `count` of all that match, and a page of them. */
  find(
    query: AuditQuery,
    page: { readonly start: number; readonly itemsMax: number },
  ): Promise<{ readonly count: number; readonly items: readonly AuditItem[] }>;
  /** Notes an event. Never waits, never fails: what the disk does not take is tried again, and dropped past a bound. */
  record(event: AuditEvent): void;
}

/** What {@link AuditLog} is built of. */
export interface AuditLogParts {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Logger;
  /** This server's. */
  readonly zone: string;
  /** Entries older than this go. */
  readonly retentionDays: number;
}

/** All that is kept, about 40 MB; the oldest go first. A team's years; an attack's day. */
export const AUDIT_ROWS_MAX = 100_000;
/** Entries that wait for the disk; more than this means that it takes none. */
const WAITING_MAX = 5_000;
/** In one commit, of the 900 that the store takes. */
const COMMIT_ROWS_MAX = 500;
/** Longest text of one entry: an error message or a browser's name may be anything. */
const TEXT_CHARACTERS_MAX = 512;
const FLUSH_AFTER_MS = 250;
/** After a commit that failed. */
const FLUSH_AGAIN_MS = 5_000;
/** Soon after the start, since some processes live no hour. */
const SWEEP_FIRST_MS = 60_000;
const SWEEP_INTERVAL_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The audit log over its store; the rules are those of {@link AuditService}. */
export class AuditLog implements AuditService {
  readonly #parts: AuditLogParts;
  readonly #warnings: ReturnType<typeof rateLimited>;
  readonly #turn = new OneAtATime();
  readonly #waiting: AuditRow[] = [];
  #lastIdMs = 0;
  #addedSinceSweep = 0;
  /** Rows in the store; undefined until they were counted. */
  #kept: number | undefined;
  #cancelFlush: CancelTimer | undefined;
  #cancelSweep: CancelTimer;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
    this.#warnings = rateLimited(parts.log, { perKeyMs: 60_000, clock: parts.clock, keysMax: 8 });
    this.#cancelSweep = parts.clock.after(SWEEP_FIRST_MS, () => this.#sweepAgain());
  }

  record({ actor, actorType, event, details, properties = {} }: AuditEvent): void {
    const { clock, entropy, zone } = this.#parts;
    const nowMs = clock.wallMs();
    this.#lastIdMs = Math.max(Math.floor(nowMs), this.#lastIdMs + 1); // In the order in which they came, also within a millisecond.
    const id = recordId(this.#lastIdMs, entropy(16));
    const cut = (text: string) => text.slice(0, TEXT_CHARACTERS_MAX);
    const item: AuditItem = {
      audit_log_id: id,
      zone,
      actor: cut(actor),
      actor_type: actorType,
      event,
      when: timeText(nowMs),
      details: cut(details),
      properties: Object.fromEntries(Object.entries(properties).map(([name, text]) => [name, cut(text)])),
    };
    this.#waiting.push({ id, text: JSON.stringify(item) });
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.shift();
      this.#warnings.warn("The audit log lost entries: the disk does not take them");
    }
    this.#cancelFlush ??= clock.after(FLUSH_AFTER_MS, () => void this.#flush());
  }

  async find(query: AuditQuery, { start, itemsMax }: { readonly start: number; readonly itemsMax: number }) {
    await this.#flush();
    return await this.#turn.run(async () => {
      let count = 0;
      const newest: AuditItem[] = []; // Of those that match: no more is held than can be on the page.
      for await (const row of this.#parts.store.list()) {
        const item = itemOf(row);
        if (item === undefined || !matches(item, query)) continue;
        count++;
        newest.push(item);
        if (newest.length > 2 * (start + itemsMax)) newest.splice(0, newest.length - (start + itemsMax));
      }
      return { count, items: newest.reverse().slice(start, start + itemsMax) };
    });
  }

  /** Writes what waits; the log takes no more after it. */
  async close(): Promise<void> {
    this.#cancelSweep();
    await this.#flush();
    this.#cancelFlush?.();
  }

  async #flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    await this.#turn.run(() => this.#writeWaiting());
    if (this.#addedSinceSweep > AUDIT_ROWS_MAX / 10) await this.#sweep();
  }

  /** Never rejects: what could not be written waits for the next time. */
  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const rows = this.#waiting.slice(0, COMMIT_ROWS_MAX);
      try {
        await this.#parts.store.add(rows);
      } catch (error) {
        this.#warnings.warn("Cannot write to the audit log", { error: String(error) });
        this.#cancelFlush ??= this.#parts.clock.after(FLUSH_AGAIN_MS, () => void this.#flush());
        return;
      }
      this.#waiting.splice(0, rows.length);
      this.#addedSinceSweep += rows.length;
      if (this.#kept !== undefined) this.#kept += rows.length;
    }
  }

  #sweepAgain(): void {
    this.#cancelSweep = this.#parts.clock.after(SWEEP_INTERVAL_MS, () => this.#sweepAgain());
    void this.#sweep();
  }

  /** Removes what is too old, or too much. Never rejects: the next one tries again. */
  async #sweep(): Promise<void> {
    this.#addedSinceSweep = 0;
    try {
      await this.#turn.run(() => this.#removeOld());
    } catch (error) {
      this.#kept = undefined; // What failed may have been done.
      this.#warnings.warn("Cannot tidy the audit log", { error: String(error) });
    }
  }

  async #removeOld(): Promise<void> {
    const { store, clock, retentionDays } = this.#parts;
    this.#kept ??= await countOf(store);
    const tooMany = this.#kept - AUDIT_ROWS_MAX;
    const untilMs = clock.wallMs() - retentionDays * DAY_MS;
    const ids: string[] = [];
    for await (const { id } of store.list()) { // The oldest first: what follows the first that stays, stays.
      if (ids.length >= tooMany && idMs(id) >= untilMs) break;
      ids.push(id);
    }
    for (let at = 0; at < ids.length; at += COMMIT_ROWS_MAX) {
      const part = ids.slice(at, at + COMMIT_ROWS_MAX);
      await store.remove(part);
      this.#kept -= part.length;
    }
  }
}

async function countOf(store: AuditStore): Promise<number> {
  let count = 0;
  for await (const _ of store.list()) count++;
  return count;
}

/** A UUIDv7 begins with 48 bits of milliseconds (RFC 9562 §5.7). */
function idMs(id: string): number {
  return parseInt(id.replaceAll("-", "").slice(0, 12), 16) || 0;
}

/** A row that cannot be read, from a newer version or a broken disk, is passed over. */
function itemOf({ text }: AuditRow): AuditItem | undefined {
  try {
    const item = JSON.parse(text);
    return typeof item?.audit_log_id === "string" && typeof item.when === "string" ? item : undefined;
  } catch {
    return undefined;
  }
}

function matches(item: AuditItem, { text, actor, actorType, event, fromMs, toMs }: AuditQuery): boolean {
  const whenMs = Date.parse(item.when);
  if (actor && item.actor !== actor) return false;
  if (actorType && item.actor_type !== actorType) return false;
  if (event && item.event !== event) return false;
  if (fromMs !== undefined && whenMs < fromMs) return false;
  if (toMs !== undefined && whenMs > toMs) return false;
  if (!text) return true;
  const words = [item.actor, item.event, item.details, ...Object.values(item.properties ?? {})];
  return words.join("\n").toLowerCase().includes(text.toLowerCase());
}
