/** Packets behind the newest that are still told apart: networks reorder by far fewer (RFC 4303 §3.4.3 asks for 64). */
export const REPLAY_WINDOW_PACKETS = 1024;

const WORD_BITS = 32;
const WORDS = REPLAY_WINDOW_PACKETS / WORD_BITS;

/** Which counters of one sender were seen: a bitmap that slides with the greatest (RFC 6479). */
export class ReplayWindow {
  readonly #bits = new Uint32Array(WORDS);
  #next: number;

  /** @param next the least counter that may come; everything before counts as seen */
  constructor(next = 0) {
    this.#next = next;
    this.#bits.fill(0xffffffff);
  }

  /** True when the counter was seen, or is too old to know. */
  seen(counter: number): boolean {
    if (counter >= this.#next) return false;
    if (counter < this.#next - REPLAY_WINDOW_PACKETS) return true;
    return (this.#bits[wordOf(counter)] & bitOf(counter)) !== 0;
  }

  /** Notes an authentic packet; before that, its counter is anyone's word. */
  mark(counter: number): void {
    if (counter < this.#next - REPLAY_WINDOW_PACKETS) return;
    const passed = counter - this.#next; // Skipped counters, which may still come.
    if (passed >= REPLAY_WINDOW_PACKETS) this.#bits.fill(0);
    else for (let skipped = this.#next; skipped < counter; skipped++) this.#bits[wordOf(skipped)] &= ~bitOf(skipped);
    this.#bits[wordOf(counter)] |= bitOf(counter);
    this.#next = Math.max(this.#next, counter + 1);
  }
}

/** Counters have up to 48 bits: bitwise operators would cut them to 32. */
function wordOf(counter: number): number {
  return Math.floor((counter % REPLAY_WINDOW_PACKETS) / WORD_BITS);
}

function bitOf(counter: number): number {
  return 1 << (counter % WORD_BITS);
}
