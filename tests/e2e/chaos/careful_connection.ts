import { type HttpAnswer, HttpConnection } from "../http_connection.ts";

/** What is known of a request at its end. */
export type Outcome =
  | { readonly kind: "answered"; readonly answer: HttpAnswer }
  /** Nobody could be connected to: the request was never sent. */
  | { readonly kind: "not_sent"; readonly reason: string }
  /** It was sent, at least in part, and no answer came in time: it may happen yet. */
  | { readonly kind: "unanswered"; readonly reason: string };

/**
 * A client's way to one server that knows what it did. `fetch` does not say: it sends a request again by itself when a kept
 * connection breaks, and then tells of the second try only.
 */
export class CarefulConnection implements Disposable {
  readonly #to: { readonly url: string; readonly token?: string };
  readonly #timeoutMs: number;
  #connection: HttpConnection | undefined;

  /** Answers are waited for `timeoutMs`. */
  constructor({ url, token }: { url: string; token?: string }, { timeoutMs }: { timeoutMs: number }) {
    this.#to = { url, token };
    this.#timeoutMs = timeoutMs;
  }

  get url(): string {
    return this.#to.url;
  }

  /** One at a time. */
  async request(method: string, path: string, body?: unknown): Promise<Outcome> {
    try {
      this.#connection ??= await HttpConnection.open(this.#to);
    } catch (error) {
      return { kind: "not_sent", reason: String(error) };
    }
    const timer = setTimeout(() => this[Symbol.dispose](), this.#timeoutMs); // Ends the wait with an error.
    try {
      return { kind: "answered", answer: await this.#connection.request(method, path, body) };
    } catch (error) {
      this[Symbol.dispose]();
      return { kind: "unanswered", reason: String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#connection?.[Symbol.dispose]();
    this.#connection = undefined;
  }
}
