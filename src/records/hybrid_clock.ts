import { assert } from "../base/mod.ts";
import { authorNamed, type Reading, readingOf } from "./reading.ts";
import type { Stamp } from "./record.ts";
import { formatStamp, parseStamp, STAMP_COUNTER_MAX, STAMP_MS_MAX, stampMs } from "./stamp.ts";

/**
 * How far ahead of this server's wall clock a received stamp may be, in milliseconds. Writers refuse while they are
 * 30 s off the majority, so that a healthy pair is never further apart than twice that.
 */
export const STAMP_AHEAD_MS_MAX = 60_000;

/**
 * Gives stamps that never repeat or go back, and that follow every stamp received: a hybrid logical clock (Kulkarni et
 * al. 2014, §3, figure 5). Time is an argument.
 */
export class HybridClock {
  readonly #node: string;
  #ms = 0;
  #counter = 0;

  /**
   * @param nodeId a UUID, with or without dashes
   * @param floor all stamps given are later than this one, whoever gave it
   */
  constructor(nodeId: string, floor?: Stamp) {
    this.#node = authorNamed(nodeId);
    assert(/^[0-9a-f]{32}$/.test(this.#node), `Cannot make clock: node id "${nodeId}" is not a UUID`);
    if (floor === undefined) return;
    const { ms, counter } = parseStamp(floor);
    this.#ms = ms;
    this.#counter = counter;
  }

  /**
   * The latest reading: the last stamp given or received, in this server's name. Zero before the first without a floor.
   */
  get last(): Stamp {
    return formatStamp({ ms: this.#ms, counter: this.#counter, node: this.#node });
  }

  /** {@link last} without the name: every stamp that this clock will give is later. */
  get reading(): Reading {
    return readingOf(this.last);
  }

  /** A new stamp, later than all given and accepted before, and no earlier than `wallMs`. */
  now(wallMs: number): Stamp {
    const wall = Math.min(Math.max(Math.floor(wallMs), 0), STAMP_MS_MAX);
    assert(!Number.isNaN(wall), "Cannot read clock: the wall clock is not a number");
    if (wall > this.#ms) {
      this.#ms = wall;
      this.#counter = 0;
    } else if (this.#counter < STAMP_COUNTER_MAX) {
      this.#counter++;
    } else { // More than 65,536 stamps in a millisecond: borrow from the next one.
      this.#ms++;
      this.#counter = 0;
    }
    return this.last;
  }

  /**
   * Follows a stamp of another server, so that what is written here next is later than what was seen. A stamp that is
   * too far ahead does not move the clock: one server with a wrong date must not drag the others along.
   */
  receive(stamp: Stamp, wallMs: number): "accepted" | "ahead" {
    if (stampMs(stamp) - wallMs > STAMP_AHEAD_MS_MAX) return "ahead";
    const { ms, counter } = parseStamp(stamp);
    // Receiving gives no stamp by itself, so the counter is taken over here and counted up by the next `now`.
    if (ms > this.#ms) {
      this.#ms = ms;
      this.#counter = counter;
    } else if (ms === this.#ms && counter > this.#counter) {
      this.#counter = counter;
    }
    return "accepted";
  }

  /** Follows another server's clock as {@link receive} follows its stamps. */
  follow(reading: Reading, wallMs: number): "accepted" | "ahead" {
    return this.receive(reading + this.#node, wallMs);
  }
}
