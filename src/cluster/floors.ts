import { type HybridClock, NO_READING, type Reading, readingOf, type Stamp } from "../records/mod.ts";

/**
 * The floor under this server's clock: it goes to disk with every commit, and each commit has one of its own, later than all before. So
 * it tells, too, how far a disk has come.
 */
export class Floors {
  readonly #underWay = new Map<number, Stamp>();
  #last: Stamp;
  #onDisk: Reading;

  constructor(private readonly clock: HybridClock, remembered: Stamp | undefined) {
    this.#last = remembered ?? "";
    this.#onDisk = remembered === undefined ? NO_READING : readingOf(remembered);
  }

  /** All that this server wrote at or below it is in the table: commits end in the order in which they began. */
  get onDisk(): Reading {
    return this.#onDisk;
  }

  /** The floor that goes to disk with the commit `token`. */
  begin(token: number, wallMs: number): Stamp {
    if (this.clock.last <= this.#last) this.clock.now(wallMs);
    this.#last = this.clock.last;
    this.#underWay.set(token, this.#last);
    return this.#last;
  }

  committed(token: number): void {
    const floor = this.#underWay.get(token);
    if (floor !== undefined && readingOf(floor) > this.#onDisk) this.#onDisk = readingOf(floor);
    this.#underWay.delete(token);
  }

  failed(token: number): void {
    this.#underWay.delete(token);
  }
}
