import { type RecordKind, type RecordState, STAMP_AHEAD_MS_MAX, stampMs, stampRange } from "../records/mod.ts";

/** Records that may wait for their time, and their packed bytes: whoever sends more of the future has to keep it. */
const RECORDS_MAX = 10_000;
const BYTES_MAX = 64 * 1024 * 1024;
/** How often is looked whether time has caught up, in milliseconds: the wall clock may jump. */
const LOOK_MS = 1_000;

type Key = readonly [RecordKind, string];

interface Waiting {
  readonly key: Key;
  readonly bytes: number;
  /** Wall clock, milliseconds since the Unix epoch. */
  readonly untilMs: number;
}

/**
 * When a record may be shown: its greatest stamp is then no more than a minute ahead.
 *
 * @returns milliseconds since the Unix epoch
 */
export function shownFromMs(state: RecordState): number {
  return stampMs(stampRange(state).greatest) - STAMP_AHEAD_MS_MAX;
}

/**
 * Records with stamps of the future: another server's clock is ahead. They are on disk and count like any other, so that servers agree;
 * but what they say is not shown until time has caught up.
 */
export class Quarantine {
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;
  #planned = false;

  constructor(
    private readonly port: {
      wallMs(): number;
      after(delayMs: number, callback: () => void): void;
      /** Their time has come. */
      release(keys: readonly Key[]): void;
    },
  ) {}

  get size(): number {
    return this.#waiting.size;
  }

  /** Whether one more record, or a new version of one that waits, has room. */
  hasRoom(kind: RecordKind, id: string, bytes: number): boolean {
    const before = this.#waiting.get(`${kind}/${id}`);
    return this.#waiting.size + (before === undefined ? 1 : 0) <= RECORDS_MAX &&
      this.#bytes + bytes - (before?.bytes ?? 0) <= BYTES_MAX;
  }

  /** `state` waits from now on, in place of what it was before. */
  add(state: RecordState, bytes: number): void {
    const { kind, id } = state;
    this.remove(kind, id);
    this.#waiting.set(`${kind}/${id}`, { key: [kind, id], bytes, untilMs: shownFromMs(state) });
    this.#bytes += bytes;
    this.#plan();
  }

  /** It waits no more, if it did. */
  remove(kind: RecordKind, id: string): void {
    const name = `${kind}/${id}`;
    this.#bytes -= this.#waiting.get(name)?.bytes ?? 0;
    this.#waiting.delete(name);
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.port.after(LOOK_MS, () => {
      this.#planned = false;
      const nowMs = this.port.wallMs();
      const due = [...this.#waiting.values()].filter(({ untilMs }) => untilMs <= nowMs).map(({ key }) => key);
      if (due.length > 0) this.port.release(due);
      if (this.#waiting.size > 0) this.#plan();
    });
  }
}
