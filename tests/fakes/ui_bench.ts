import type { Hono } from "hono";
import type { AccountsConfig } from "../../src/accounts/mod.ts";
import { systemEntropy } from "../../src/base/mod.ts";
import type { MemberStatus } from "../../src/node/mod.ts";
import { ADMIN_ROLE_ID } from "../../src/records/mod.ts";
import { createTemplates, type Templates } from "../../src/templates/mod.ts";
import { SESSION_COOKIE, type Ui, uiRoutes } from "../../src/ui/mod.ts";
import { type AccountsBench, accountsBench } from "./accounts_bench.ts";

/** The pages over real accounts and a memory node, asked without a socket. */
export interface UiBench extends AccountsBench {
  readonly ui: Ui;
  readonly app: Hono;
  readonly templates: Templates;
  /** A visitor with a cookie jar; `username` signs in. */
  visitor(username?: string): Promise<Visitor>;
}

/** Somebody with a browser that runs no scripts. */
export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a form; a list sends each of its values. */
  post(
    path: string,
    fields?: Record<string, string | readonly string[]>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** Sends a form that is encoded already. */
  postRaw(path: string, body: string): Promise<Response>;
  /** Sends the first form of the page at `path` as a browser would, with some fields changed. */
  submit(path: string, changes: Record<string, string | readonly string[]>): Promise<Response>;
}

/** Builds the bench, with one administrator, `root`, unless the node has no data. */
export async function uiBench(
  { config, ready = true, url = "http://knot.example:3000" }: {
    config?: Partial<AccountsConfig>;
    ready?: boolean;
    url?: string;
  } = {},
): Promise<UiBench> {
  const bench = await accountsBench({ config, ready });
  if (ready) await bench.user("root", { roles: [ADMIN_ROLE_ID] });
  const templates = createTemplates({ node: bench.node, clock: bench.clock, entropy: systemEntropy, zone: "au" });
  const ui = uiRoutes({
    node: bench.node,
    accounts: bench.accounts,
    templates,
    version: "1.2.3",
    zone: "au",
    config: { url, dataDir: "/var/lib/knot" },
    clock: bench.clock,
    log: bench.log,
  });
  return {
    ...bench,
    ui,
    app: ui.app,
    templates,
    async visitor(username) {
      const cookies = new Map<string, string>();
      if (username !== undefined) cookies.set(SESSION_COOKIE, (await bench.signIn(username)).sessionToken);
      return visitorWith(ui.app, cookies);
    },
    async [Symbol.asyncDispose]() {
      ui.close();
      await bench[Symbol.asyncDispose]();
    },
  };
}

function visitorWith(app: Hono, cookies: Map<string, string>): Visitor {
  const send = async (path: string, init: RequestInit & { headers?: Record<string, string> }) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await app.request(`http://knot.example:3000${path}`, {
      ...init,
      headers: { Host: "knot.example:3000", ...(cookie === "" ? {} : { Cookie: cookie }), ...init.headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  const visitor: Visitor = {
    get: (path, headers) => send(path, { headers }),
    post(path, fields = {}, headers) {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) {
        for (const one of typeof value === "string" ? [value] : value) body.append(name, one);
      }
      return send(path, { method: "POST", body, headers: { "Sec-Fetch-Site": "same-origin", ...headers } });
    },
    postRaw: (path, body) =>
      send(path, {
        method: "POST",
        body,
        headers: { "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded" },
      }),
    async submit(path, changes) {
      const html = await (await visitor.get(path)).text();
      return await visitor.post(path, { ...formFields(html), ...changes });
    },
  };
  return visitor;
}

/** What a browser would send with the page's last form in `main`, by name. */
export function formFields(html: string): Record<string, string[]> {
  const main = html.slice(html.indexOf("<main"));
  const form = /<form method="post" class="card"[\s\S]*?<\/form>/.exec(main)?.[0] ?? "";
  const fields: Record<string, string[]> = {};
  const add = (name: string, value: string) => (fields[name] ??= []).push(plain(value));
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(tag, "name");
    if (name === undefined) continue;
    if (attribute(tag, "type") === "checkbox" && !/\schecked/.test(tag)) continue;
    add(name, attribute(tag, "value") ?? "");
  }
  for (const [, tag, value] of form.matchAll(/(<textarea\b[^>]*>)(?:\r?\n)?([\s\S]*?)<\/textarea>/g)) {
    add(attribute(tag, "name") ?? "", value);
  }
  for (const [, tag, options] of form.matchAll(/(<select\b[^>]*>)([\s\S]*?)<\/select>/g)) {
    const chosen = /<option[^>]*\sselected[^>]*>/.exec(options) ?? /<option[^>]*>/.exec(options);
    add(attribute(tag, "name") ?? "", attribute(chosen?.[0] ?? "", "value") ?? "");
  }
  return fields;
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}

function plain(html: string): string {
  return html.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** A member of a cluster as the node reports it. */
export function memberStatus(name: string, more: Partial<MemberStatus> & { zone?: string } = {}): MemberStatus {
  const { zone = name, ...rest } = more;
  const startedAtMs = Date.UTC(2026, 0, 5, 9);
  return {
    id: `01920000-0000-7000-8000-${name.padStart(12, "0")}`,
    self: false,
    state: "alive",
    incarnation: 1,
    facts: {
      address: `${name}.internal:3100`,
      zone,
      hostname: `knot-${name}`,
      version: "1.2.3",
      apiEndpoint: `https://${name}.example`,
      bootId: "00000000000000aa",
      startedAtMs,
      protocolMin: 1,
      protocolMax: 1,
      saidAt: 0,
      lineage: "lineage",
    },
    lastContactMs: Date.UTC(2026, 0, 5, 11, 59, 58),
    roundTripMs: 1.25,
    records: 42,
    inSync: true,
    shortId: name.padStart(6, "0"),
    label: zone,
    problem: undefined,
    isForeign: false,
    packetsBlocked: false,
    streamsBlocked: false,
    relayed: false,
    clockOffsetMs: 0,
    ...rest,
  };
}
