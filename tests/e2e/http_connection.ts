const READ_BYTES = 64 * 1024;
/** Far above any answer that a measurement asks for: a server that sends more is broken. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const CRLF = "\r\n";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What came back: the whole body as text. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * One kept connection to a server's API over plain HTTP/1.1, one request after the other. `fetch` costs the client more than
 * the server needs to answer; where time is measured, or thousands of requests a second are made, that is too much.
 */
export class HttpConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #head: string;
  #buffer = new Uint8Array(READ_BYTES);
  #filled = 0;
  #previous: Promise<unknown> = Promise.resolve();

  private constructor(connection: Deno.TcpConn, head: string) {
    this.#connection = connection;
    this.#head = head;
  }

  /** @throws when nobody listens at `url`, an `http:` one */
  static async open({ url, token }: { readonly url: string; readonly token?: string }): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    const authorization = token === undefined ? "" : `${CRLF}Authorization: Bearer ${token}`;
    return new HttpConnection(connection, `Host: ${host}${CRLF}Accept: application/json${authorization}${CRLF}`);
  }

  /** Requests that are made while another is under way wait for it. @throws when the connection breaks */
  request(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
    const turn = this.#previous.then(() => this.#exchange(method, path, body));
    this.#previous = turn.catch(() => undefined);
    return turn;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #exchange(method: string, path: string, body: unknown): Promise<HttpAnswer> {
    const payload = body === undefined ? "" : JSON.stringify(body);
    const about = body === undefined
      ? ""
      : `Content-Type: application/json${CRLF}Content-Length: ${encoder.encode(payload).length}${CRLF}`;
    await this.#write(encoder.encode(`${method} ${path} HTTP/1.1${CRLF}${this.#head}${about}${CRLF}${payload}`));
    const headBytes = await this.#readUntil(() => endOfHead(this.#buffer.subarray(0, this.#filled)));
    const head = decoder.decode(this.#buffer.subarray(0, headBytes));
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const whole = headBytes + length;
    await this.#readUntil(() => this.#filled >= whole ? whole : undefined);
    const answer = {
      status: Number(head.slice(9, 12)),
      body: decoder.decode(this.#buffer.subarray(headBytes, whole)),
    };
    this.#buffer.copyWithin(0, whole, this.#filled);
    this.#filled -= whole;
    return answer;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
  }

  /** Reads on until `position` finds what it looks for in the buffer. */
  async #readUntil(position: () => number | undefined): Promise<number> {
    for (;;) {
      const found = position();
      if (found !== undefined) return found;
      if (this.#filled === this.#buffer.length) this.#grow();
      const count = await this.#connection.read(this.#buffer.subarray(this.#filled));
      if (count === null) throw new Error("The server closed the connection in the midst of an answer");
      this.#filled += count;
    }
  }

  #grow(): void {
    const length = this.#buffer.length * 2;
    if (length > ANSWER_BYTES_MAX) throw new Error(`The server sent an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    const larger = new Uint8Array(length);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

/** Where the body begins, or undefined while the head is not whole. */
function endOfHead(bytes: Uint8Array): number | undefined {
  for (let at = 3; at < bytes.length; at++) {
    if (bytes[at] === 10 && bytes[at - 1] === 13 && bytes[at - 2] === 10 && bytes[at - 3] === 13) return at + 1;
  }
  return undefined;
}
