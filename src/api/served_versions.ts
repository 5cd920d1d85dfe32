/** Served contents are remembered up to so many bytes of JSON: a few templates with large jobs, or all of the small records. */
const BYTES_MAX = 64 * 1024 * 1024;
const ENTRIES_MAX = 5_000;

/**
 * What the versions held that clients were given, so that an edit with `If-Match` is compared with what its author saw. Bounded; the
 * longest unused goes first, and whoever edits that one is asked to read it again.
 */
export class ServedVersions {
  readonly #entries = new Map<string, { content: Readonly<Record<string, unknown>>; bytes: number }>();
  #bytes = 0;

  /** `content` is kept, not copied: it must not change any more. */
  remember(key: string, content: Readonly<Record<string, unknown>>): void {
    if (this.find(key)) return; // Equal versions, equal contents.
    const bytes = JSON.stringify(content).length;
    this.#entries.set(key, { content, bytes });
    this.#bytes += bytes;
    while (this.#bytes > BYTES_MAX || this.#entries.size > ENTRIES_MAX) this.#drop(this.#entries.keys().next().value!);
  }

  /** What this version held, if it is still known. */
  find(key: string): Readonly<Record<string, unknown>> | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key); // Put last: the map's order is that of the last use.
    this.#entries.set(key, entry);
    return entry.content;
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
