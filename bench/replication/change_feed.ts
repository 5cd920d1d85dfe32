import type { ApiClient } from "../../tests/e2e/mod.ts";

/**
 * Hears from one server, by its event stream, of records that change, and notes when the last of those that are expected has.
 * The server gathers what it tells for 50 ms: what is measured with it is that much too long at most.
 */
export class ChangeFeed implements Disposable {
  readonly #stop = new AbortController();
  readonly #expected: Set<string>;
  readonly #missing: Set<string>;
  /** Resolves when every expected record has changed; fails when the stream ends before. */
  readonly complete: Promise<void>;
  /** When an expected record last changed, on the clock of `performance.now()`. */
  lastMs = NaN;

  private constructor(body: ReadableStream<Uint8Array>, expected: Iterable<string>) {
    this.#expected = new Set(expected);
    this.#missing = new Set(expected);
    this.complete = this.#read(body);
    this.complete.catch(() => {}); // Whoever waits hears of it; nobody may have begun to.
  }

  /** @throws when the server does not take the stream */
  static async open({ url, token }: ApiClient, expected: Iterable<string>): Promise<ChangeFeed> {
    const stop = new AbortController();
    const response = await fetch(new URL("/api/events", url), {
      headers: { authorization: `Bearer ${token}` },
      signal: stop.signal,
    });
    if (!response.ok || response.body === null) throw new Error(`${url} gives no events: answered ${response.status}`);
    const feed = new ChangeFeed(response.body, expected);
    feed.#stop.signal.addEventListener("abort", () => stop.abort());
    return feed;
  }

  get missingCount(): number {
    return this.#missing.size;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    if (this.#missing.size === 0) return;
    let rest = "";
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#line(line);
      if (this.#missing.size === 0) return;
    }
    throw new Error(`An event stream ended while ${this.#missing.size} changes were missing`);
  }

  #line(line: string): void {
    if (!line.startsWith("data: ")) return;
    const id = JSON.parse(line.slice("data: ".length)).payload?.id;
    if (!this.#expected.has(id)) return;
    this.#missing.delete(id);
    this.lastMs = performance.now();
  }
}
