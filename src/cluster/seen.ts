import {
  authorOf,
  NO_READING,
  type Reading,
  readingOf,
  type RecordState,
  type Stamp,
  stampsOf,
} from "../records/mod.ts";

/** The latest stamp of each author in the records of this server, over restarts: what it was told by servers that are gone. */
export class Seen {
  readonly #byAuthor = new Map<string, Reading>();
  readonly #unkept = new Set<string>();

  /** @param remembered readings by author, as {@link takeUnkept} gave them */
  constructor(remembered: Iterable<readonly [author: string, reading: Reading]>) {
    for (const [author, reading] of remembered) this.#byAuthor.set(author, reading);
  }

  /** True when something is to be remembered. */
  get hasUnkept(): boolean {
    return this.#unkept.size > 0;
  }

  /** A record is here. */
  note(state: RecordState): void {
    for (const stamp of stampsOf(state)) {
      const author = authorOf(stamp);
      const reading = readingOf(stamp);
      if (reading <= (this.#byAuthor.get(author) ?? NO_READING)) continue;
      this.#byAuthor.set(author, reading);
      this.#unkept.add(author);
    }
  }

  /** Whether its author had told us of something at least as new. */
  includes(stamp: Stamp): boolean {
    return readingOf(stamp) <= (this.#byAuthor.get(authorOf(stamp)) ?? NO_READING);
  }

  /** What was not given before: goes to disk. */
  takeUnkept(): Array<readonly [author: string, reading: Reading]> {
    const taken = [...this.#unkept].map((author) => [author, this.#byAuthor.get(author)!] as const);
    this.#unkept.clear();
    return taken;
  }
}
