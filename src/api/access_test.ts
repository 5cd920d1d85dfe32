import assert from "node:assert/strict";
import { Hono } from "hono";
import { type ApiBench, apiBench } from "../../tests/fakes/api_bench.ts";
import { OPERATOR, PERMISSIONS } from "../accounts/mod.ts";
import { type Access, assertAccessDeclared } from "./gate.ts";
import { accessOf } from "./mod.ts";

/** Routes for everybody: a closed list. */
const OPEN = [
  "GET /health",
  "GET /healthz",
  "GET /readyz",
  "POST /api/auth",
  "POST /api/auth/web",
  "GET /api/auth/using-totp",
  "POST /api/setup",
];

/** Routes for everybody who is signed in: a closed list. What they answer is the caller's own, or filtered. */
const SIGNED_IN = [
  "POST /api/auth/logout",
  "GET /api/ping",
  "GET /api/server-info",
  "GET /api/permissions",
  "GET /api/users/whoami",
  "GET /api/templates",
  "GET /api/templates/:id",
  "GET /api/tokens",
  "POST /api/tokens",
  "PUT /api/tokens/:id",
  "DELETE /api/tokens/:id",
  "GET /api/sessions",
  "DELETE /api/sessions/:id",
  "GET /api/search",
  "GET /api/events",
];

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly access: readonly Access[];
}

function routesOf(bench: ApiBench): Route[] {
  const routes = new Map<string, Route>();
  for (const { method, path, handler } of bench.api.app.routes) {
    if (method === "ALL") continue;
    const name = `${method} ${path}`;
    const access = accessOf(handler);
    const before = routes.get(name)?.access ?? [];
    routes.set(name, { name, method, path, access: access ? [...before, access] : before });
  }
  return [...routes.values()];
}

/** Ids in the paths are those of records that exist, so that no 404 hides an open door. */
async function pathOf(bench: ApiBench, route: Route): Promise<string> {
  if (!route.path.includes(":id")) return route.path;
  const ids: Record<string, () => Promise<string> | string> = {
    users: () => bench.accounts.users.get("somebody")!.user_id,
    groups: () => bench.accounts.groups.list()[0].group_id,
    roles: () => bench.accounts.roles.get("plain")!.role_id,
    templates: () => bench.templates.templates.list(OPERATOR)[0].template_id,
    templatevars: () => bench.templates.variables.list(OPERATOR)[0].templatevar_id,
    tokens: () => "any",
    sessions: () => "any",
  };
  return route.path.replace(":id", await ids[route.path.split("/")[2]]());
}

async function populated(): Promise<ApiBench> {
  const bench = await apiBench();
  await bench.user("somebody");
  await bench.group("devs");
  await bench.role("plain", []);
  await bench.templates.templates.create(OPERATOR, { name: "debian", platform: "docker", job: "a" });
  await bench.templates.variables.create(OPERATOR, { name: "region", value: "b" });
  return bench;
}

Deno.test("every route declares one access, and the open ones are those on the list", async () => {
  await using bench = await populated();
  const routes = routesOf(bench);
  assert.ok(routes.length > 45, "the walk finds the routes");
  for (const { name, access } of routes) assert.equal(access.length, 1, `${name} declares ${access.length} accesses`);
  const named = (kind: Access["kind"]) =>
    routes.filter(({ access }) => access[0].kind === kind).map(({ name }) => name);
  assert.deepEqual(named("open").sort(), [...OPEN].sort());
  assert.deepEqual(named("signed_in").sort(), [...SIGNED_IN].sort());
});

Deno.test("no route answers a stranger, but the open ones", async () => {
  await using bench = await populated();
  for (const route of routesOf(bench)) {
    if (OPEN.includes(route.name)) continue;
    const path = await pathOf(bench, route);
    const body = ["POST", "PUT"].includes(route.method) ? {} : undefined;
    for (const as of [undefined, "", "wrong", "x".repeat(43)]) {
      const { status, body: answer } = await bench.send(route.method, path, { as, body });
      assert.equal(status, 401, `${route.name} as ${as}`);
      assert.deepEqual(Object.keys(answer), ["error"]);
    }
    const cookie = { cookie: "__KNOT_WEBUI_SESSION=wrong" };
    assert.equal((await bench.send(route.method, path, { body, headers: cookie })).status, 401, route.name);
  }
});

Deno.test("no route with a permission answers somebody who holds all others", async () => {
  await using bench = await populated();
  const before = () => [...bench.node.states.values()].filter(({ kind }) => !["session", "user"].includes(kind)).length;
  const count = before();
  let walked = 0;
  for (const { id: permission } of PERMISSIONS) {
    const others = PERMISSIONS.map(({ id }) => id).filter((id) => id !== permission);
    const role = await bench.role(`all-but-${permission}`, others);
    await bench.user(`u-${permission}`, { roles: [role] });
    const { sessionToken } = await bench.signIn(`u-${permission}`);
    for (const route of routesOf(bench)) {
      const [access] = route.access;
      if (!("permission" in access) || access.permission !== permission) continue;
      const body = ["POST", "PUT"].includes(route.method) ? { name: "x" } : undefined;
      const { status, text } = await bench.send(route.method, await pathOf(bench, route), { as: sessionToken, body });
      assert.equal(status, 403, `${route.name} without ${permission}: ${text}`);
      walked++;
    }
  }
  assert.ok(walked >= 30, `${walked} routes have a permission`);
  assert.equal(before(), count + PERMISSIONS.length, "only the roles of this test were made");
});

Deno.test("a token narrowed to scopes reaches nothing but who it belongs to", async () => {
  await using bench = await populated();
  const as = await bench.admin();
  const { body } = await bench.send("POST", "/api/tokens", { as, body: { name: "narrow", scopes: ["mcp"] } });
  const reached = [];
  for (const route of routesOf(bench)) {
    if (OPEN.includes(route.name)) continue;
    const content = ["POST", "PUT"].includes(route.method) ? {} : undefined;
    const { status } = await bench.send(route.method, await pathOf(bench, route), { as: body.token_id, body: content });
    if (status !== 403) reached.push(route.name);
  }
  assert.deepEqual(reached.sort(), [
    "GET /api/ping",
    "GET /api/server-info",
    "GET /api/users/whoami",
    "POST /api/auth/logout",
  ]);
});

Deno.test("assertAccessDeclared() refuses a route without access", () => {
  const app = new Hono();
  app.get("/api/secret", (c) => c.text("secret"));
  assert.throws(() => assertAccessDeclared(app), /GET \/api\/secret/);
});
