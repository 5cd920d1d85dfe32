import type { RecordRow } from "./effect.ts";

/**
 * Milliseconds that a pushed record waits for others before it is committed. Readers are shown it meanwhile and its writer has it on
 * disk, so that nobody waits; and a burst costs the disk one commit.
 */
const GATHER_MS = 3;

/** Lets commits of what was pushed begin together. */
export class PushedCommits {
  #waiting: Array<{ readonly token: number; readonly rows: RecordRow[] }> = [];

  constructor(
    private readonly port: {
      after(delayMs: number, callback: () => void): void;
      commit(token: number, rows: RecordRow[]): void;
    },
  ) {}

  add(token: number, rows: RecordRow[]): void {
    this.#waiting.push({ token, rows });
    if (this.#waiting.length === 1) this.port.after(GATHER_MS, () => this.#begin());
  }

  #begin(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { token, rows } of waiting) this.port.commit(token, rows);
  }
}
