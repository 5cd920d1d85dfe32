/** What a server answered: the parsed body, or its text where that is no JSON. */
export interface ApiAnswer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  readonly headers: Headers;
}

/** A request that takes longer has failed, whatever comes of it later. */
const REQUEST_TIMEOUT_MS = 10_000;

/** An answer that the caller did not expect; the message holds request, status and body. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
}

/** A script's view of one server: JSON in, JSON out, signed in by a bearer token. */
export class ApiClient {
  readonly url: string;
  readonly token: string | undefined;
  readonly #httpClient: Deno.HttpClient | undefined;

  constructor(url: string, { token, httpClient }: { token?: string; httpClient?: Deno.HttpClient } = {}) {
    this.url = url;
    this.token = token;
    this.#httpClient = httpClient;
  }

  /** The same server for somebody who is signed in. */
  withToken(token: string): ApiClient {
    return new ApiClient(this.url, { token, httpClient: this.#httpClient });
  }

  /** @throws when nothing answers in time; any status is an answer */
  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      client: this.#httpClient,
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text), headers: response.headers };
  }

  // deno-lint-ignore no-explicit-any
  async get(path: string): Promise<any> {
    return (await this.#expect(200, "GET", path)).body;
  }

  /** Makes something; answers with the body that holds its id. */
  async create(path: string, body: unknown): Promise<Record<string, string>> {
    return (await this.#expect(201, "POST", path, body)).body;
  }

  async update(path: string, body: unknown): Promise<void> {
    await this.#expect(200, "PUT", path, body);
  }

  async remove(path: string): Promise<void> {
    await this.#expect(200, "DELETE", path);
  }

  /** Signs in and answers with a client that is. */
  async signIn(email: string, password: string): Promise<ApiClient> {
    const { body } = await this.#expect(200, "POST", "/api/auth", { email, password });
    return this.withToken(body.token);
  }

  async #expect(status: number, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const answer = await this.request(method, path, body);
    if (answer.status === status) return answer;
    const text = JSON.stringify(answer.body).slice(0, 500);
    throw new UnexpectedAnswer(`${method} ${this.url}${path}: answered ${answer.status}, expected ${status}: ${text}`);
  }
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
