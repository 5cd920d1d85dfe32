import { type Api, type ApiParts, apiRoutes } from "../../src/api/mod.ts";
import { OPERATOR } from "../../src/accounts/mod.ts";
import { systemEntropy } from "../../src/base/mod.ts";
import { ADMIN_ROLE_ID } from "../../src/records/mod.ts";
import { createTemplates, type Templates } from "../../src/templates/mod.ts";
import { type AccountsBench, accountsBench } from "./accounts_bench.ts";

/** A parsed answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** The API over the accounts' bench, without a socket. */
export interface ApiBench extends AccountsBench {
  readonly api: Api;
  readonly templates: Templates;
  /** Sends JSON; `as` is a session or token sent as bearer. */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Makes an admin and answers with their bearer value. */
  admin(): Promise<string>;
}

export interface RequestOptions {
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly raw?: BodyInit;
  readonly ip?: string;
}

export async function apiBench(
  { ready, parts, config }: {
    ready?: boolean;
    parts?: Partial<ApiParts>;
    config?: Parameters<typeof accountsBench>[0] extends infer T
      ? NonNullable<T> extends { config?: infer C } ? C : never
      : never;
  } = {},
): Promise<ApiBench> {
  const bench = await accountsBench({ ready, config });
  const { node, clock, log, accounts } = bench;
  const templates = createTemplates({ node, clock, entropy: systemEntropy, zone: "au" });
  const api = apiRoutes({
    node,
    accounts,
    templates,
    version: "1.2.3",
    zone: "au",
    url: "http://127.0.0.1:3000",
    clock,
    log,
    ...parts,
  });
  const send: ApiBench["send"] = async (method, path, { as, body, headers = {}, raw, ip = "192.0.2.1" } = {}) => {
    const request = new Request(`http://127.0.0.1:3000${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...headers,
      },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    const response = await api.app.fetch(request, { remoteAddr: { transport: "tcp", hostname: ip, port: 1 } });
    const text = await response.text();
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
  return {
    ...bench,
    api,
    templates,
    send,
    async admin() {
      await bench.user("root", { roles: [ADMIN_ROLE_ID] });
      return (await bench.signIn("root")).sessionToken;
    },
    async [Symbol.asyncDispose]() {
      api.close();
      await bench[Symbol.asyncDispose]();
    },
  };
}

export { OPERATOR };
