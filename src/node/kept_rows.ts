import type { CancelTimer, Clock, Logger } from "../base/mod.ts";
import type { Mutation, RecordStore } from "../storage/mod.ts";

/** A full disk is tried again after so long, in milliseconds. */
const RETRY_MS = 5_000;
/** Rows in one commit: well within what one atomic write of the store holds. */
const ROWS_MAX = 400;

/** Rows that nobody waits for, and that must get to disk all the same: what the disk refuses is tried again. */
export class KeptRows {
  /** Not on disk yet; of several writes of one row the last counts. */
  readonly #waiting = new Map<string, Mutation>();
  #cancel: CancelTimer | undefined;
  #stopped = false;

  constructor(
    private readonly store: RecordStore,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Puts rows on disk in the order of the calls, among all other commits. */
  keep(rows: readonly Mutation[]): void {
    for (let at = 0; at < rows.length; at += ROWS_MAX) void this.#commit(rows.slice(at, at + ROWS_MAX));
  }

  /** Something newer goes to disk in another commit: what waits of these rows is out of date. */
  overtaken(rows: readonly Mutation[]): void {
    for (const { key } of rows) this.#waiting.delete(key.join("/"));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Never rejects. */
  async #commit(rows: readonly Mutation[]): Promise<void> {
    for (const row of rows) this.#waiting.set(row.key.join("/"), row);
    try {
      await this.store.commit(rows);
      for (const row of rows) {
        if (this.#waiting.get(row.key.join("/")) === row) this.#waiting.delete(row.key.join("/"));
      }
    } catch (error) {
      this.log.debug("Cannot remember what was agreed: trying on", { reason: (error as Error).message });
      if (!this.#stopped) this.#cancel ??= this.clock.after(RETRY_MS, () => this.#retry());
    }
  }

  #retry(): void {
    this.#cancel = undefined;
    this.keep([...this.#waiting.values()]);
  }
}
