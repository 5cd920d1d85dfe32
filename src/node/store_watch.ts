import type { CancelTimer, Clock, Entropy } from "../base/mod.ts";
import type { RecordStore, RowKey } from "../storage/mod.ts";

/** While the store refuses, it is asked again so often, in milliseconds. */
const RETRY_MS = 5_000;

/** The row that is written to see whether the disk takes anything, and how many bytes: a record or two. */
const TRIAL_ROW: RowKey = ["meta", "trial"];
const TRIAL_BYTES = 32 * 1024;

/** Writes something that nobody needs. Two commits: what the first takes on a disk that is almost full, the second gives back. */
export async function tryStore(store: RecordStore, entropy: Entropy): Promise<void> {
  await store.commit([{ key: TRIAL_ROW, value: entropy(TRIAL_BYTES) }]);
  await store.commit([{ key: TRIAL_ROW }]);
}

/** Whether the store takes writes. */
export type StoreState =
  | { readonly kind: "writable" }
  /** Since `sinceMs`, wall clock, milliseconds since the Unix epoch; the reason is the store's own, for the operator. */
  | { readonly kind: "refusing"; readonly reason: string; readonly sinceMs: number };

/**
 * Watches whether the store takes writes. A commit that failed is followed by a small trial: the commit may have been at
 * fault, not the disk. While the disk is, trials go on, so that a server which nobody writes to recovers all the same.
 */
export class StoreWatch {
  readonly #clock: Clock;
  readonly #trial: () => Promise<void>;
  readonly #changed: (state: StoreState) => void;
  #state: StoreState = { kind: "writable" };
  #trying = false;
  #cancel: CancelTimer = () => {};
  #stopped = false;

  /** @param options `trial` as {@link tryStore}; `changed` hears of each change of state */
  constructor(options: { clock: Clock; trial: () => Promise<void>; changed: (state: StoreState) => void }) {
    this.#clock = options.clock;
    this.#trial = options.trial;
    this.#changed = options.changed;
  }

  get state(): StoreState {
    return this.#state;
  }

  /** A commit failed. */
  failed(): void {
    if (!this.#trying && this.#state.kind === "writable") void this.#try();
  }

  /** A commit is on disk. */
  succeeded(): void {
    if (this.#state.kind === "refusing") this.#set({ kind: "writable" });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #try(): Promise<void> {
    this.#trying = true;
    try {
      await this.#trial();
      this.succeeded();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#state.kind === "writable") this.#set({ kind: "refusing", reason, sinceMs: this.#clock.wallMs() });
    }
    this.#trying = false;
    if (this.#state.kind === "refusing" && !this.#stopped) {
      this.#cancel = this.#clock.after(RETRY_MS, () => this.#retry());
    }
  }

  #retry(): void {
    if (this.#state.kind === "refusing") void this.#try();
  }

  #set(state: StoreState): void {
    this.#cancel();
    this.#state = state;
    if (!this.#stopped) this.#changed(state);
  }
}
