import type { ApiClient } from "./api_client.ts";

/**
 * Hears from one server, by its event stream, of records that change, and notes when the last of those that are expected has.
 * The server gathers what it tells for 50 ms: what is measured with it is that much too long at most.
 */
export class ChangeFeed implements Disposable {
  readonly #stop = new AbortController();
  readonly #expected: Set<string>;
  readonly #missing: Set<string>;
  /** When an expected record last changed, on the clock of `performance.now()`. */
  lastMs = NaN;

  private constructor(body: ReadableStream<Uint8Array>, expected: Iterable<string>) {
    this.#expected = new Set(expected);
    this.#missing = new Set(expected);
    this.#read(body).catch(() => {}); // A stream that breaks leaves changes missing, which whoever waits will see.
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

  /** Expected records that have not changed yet. */
  get missingCount(): number {
    return this.#missing.size;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#line(line);
    }
  }

  #line(line: string): void {
    if (!line.startsWith("data: ")) return;
    const id = JSON.parse(line.slice("data: ".length)).payload?.id;
    if (!this.#expected.has(id)) return;
    this.#missing.delete(id);
    this.lastMs = performance.now();
  }
}
