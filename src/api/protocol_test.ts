import assert from "node:assert/strict";
import { pack, Unpackr } from "msgpackr";
import { apiBench } from "../../tests/fakes/api_bench.ts";
import { PASSWORD } from "../../tests/fakes/accounts_bench.ts";

const MESSAGE_PACK = "application/msgpack";

Deno.test("MessagePack is read and answered, as the original's client speaks it", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const raw = new Uint8Array(pack({ name: "devs", max_spaces: 3 }));
  const made = await bench.send("POST", "/api/groups", { as, raw, headers: { "content-type": MESSAGE_PACK } });
  assert.equal(made.status, 201);
  const response = await bench.api.app.request("/api/groups/devs", {
    headers: { authorization: `Bearer ${as}`, accept: MESSAGE_PACK },
  });
  assert.equal(response.headers.get("content-type"), MESSAGE_PACK);
  const group = new Unpackr({ useRecords: false }).unpack(new Uint8Array(await response.arrayBuffer()));
  assert.deepEqual([group.name, group.max_spaces, group.group_id], ["devs", 3, made.body.group_id]);
  const refused = await bench.api.app.request("/api/groups", { headers: { accept: `${MESSAGE_PACK};q=1, */*` } });
  assert.match(new Unpackr({ useRecords: false }).unpack(new Uint8Array(await refused.arrayBuffer())).error, /Sign in/);
});

Deno.test("other media types are 415, broken bodies 400, too long ones 413", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const post = (raw: BodyInit, type?: string) =>
    bench.send("POST", "/api/groups", { as, raw, headers: type === undefined ? {} : { "content-type": type } });
  assert.equal((await post("{}", "text/plain")).status, 415);
  assert.equal((await post("a=b", "application/x-www-form-urlencoded")).status, 415);
  for (const text of ["{", "", "nul", '{"a":1}}']) {
    assert.equal((await post(text, "application/json")).status, 400, text);
  }
  const hostile = [
    new Uint8Array(0),
    new Uint8Array([0xc1]),
    new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff]),
    new Uint8Array([0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]),
    new Uint8Array(100_000).fill(0x91),
  ];
  for (const bytes of hostile) assert.equal((await post(bytes, MESSAGE_PACK)).status, 400, `${bytes.slice(0, 5)}`);
  for (const text of ["[]", "7", "null", '"x"']) {
    const { status, body } = await post(text, "application/json; charset=utf-8");
    assert.deepEqual([status, Object.keys(body)], [400, ["error", "fields"]], text);
  }
  assert.equal((await post(" ".repeat(12 * 1024 * 1024 + 1), "application/json")).status, 413);
  const stranger = JSON.stringify({ email: "x".repeat(65_536), password: "y" });
  for (const path of ["/api/auth", "/api/auth/web", "/api/setup"]) {
    const { status } = await bench.send("POST", path, {
      raw: stranger,
      headers: { "content-type": "application/json" },
    });
    assert.equal(status, 413, path);
  }
});

Deno.test("__proto__ in a body changes nothing but the answer", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const raw = '{"name":"devs","__proto__":{"max_spaces":7},"constructor":{"prototype":{"polluted":true}}}';
  assert.equal(
    (await bench.send("POST", "/api/groups", { as, raw, headers: { "content-type": "application/json" } })).status,
    201,
  );
  assert.equal((await bench.send("GET", "/api/groups/devs", { as })).body.max_spaces, 0);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("If-Match compares with what that version held: edits of different fields stand side by side", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  await bench.user("ann", { max_spaces: 1 });
  const read = await bench.send("GET", "/api/users/ann", { as });
  const tag = read.headers.get("etag")!;
  assert.match(tag, /^"[0-9a-f]{16}"$/);
  await bench.send("PUT", "/api/users/ann", { as, body: { max_spaces: 2 } });
  const whole = { ...read.body, github_username: "ann" };
  const changed = await bench.send("PUT", "/api/users/ann", { as, body: whole, headers: { "if-match": tag } });
  assert.equal(changed.status, 200);
  const { body: after, headers } = await bench.send("GET", "/api/users/ann", { as });
  assert.deepEqual([after.max_spaces, after.github_username], [2, "ann"]);
  assert.equal(changed.headers.get("etag"), headers.get("etag"));
  const stale = await bench.send("PUT", "/api/users/ann", { as, body: whole });
  assert.equal(stale.status, 200);
  assert.equal((await bench.send("GET", "/api/users/ann", { as })).body.max_spaces, 1, "without it, the body counts");
});

Deno.test("If-Match refuses to write over what somebody else changed meanwhile", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  await bench.group("devs");
  const read = await bench.send("GET", "/api/groups/devs", { as });
  const ifMatch = { "if-match": read.headers.get("etag")! };
  await bench.send("PUT", "/api/groups/devs", { as, body: { max_spaces: 7 } });
  const late = await bench.send("PUT", "/api/groups/devs", { as, body: { max_spaces: 8 }, headers: ifMatch });
  assert.equal(late.status, 412);
  assert.deepEqual(late.body.fields, { max_spaces: "was changed by somebody else" });
  assert.equal(bench.accounts.groups.get("devs")!.max_spaces, 7);
  for (const body of [{ max_spaces: 7 }, { max_spaces: 0 }, { compute_units: 3 }]) {
    const { status } = await bench.send("PUT", "/api/groups/devs", { as, body, headers: ifMatch });
    assert.equal(status, 200, "agreed, untouched, or another field");
  }
  assert.equal(bench.accounts.groups.get("devs")!.max_spaces, 7);
});

Deno.test("If-Match refuses all but one of those who change the same at the same moment", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  await bench.group("devs");
  const headers = { "if-match": (await bench.send("GET", "/api/groups/devs", { as })).headers.get("etag")! };
  const put = (body: object) => bench.send("PUT", "/api/groups/devs", { as, body, headers });
  const answers = await Promise.all([1, 2, 3].map((max_spaces) => put({ max_spaces })));
  assert.deepEqual(answers.map(({ status }) => status), [200, 412, 412]);
  assert.equal(bench.accounts.groups.get("devs")!.max_spaces, 1);
  const others = await Promise.all([put({ compute_units: 5 }), put({ storage_units: 6 }), put({ max_tunnels: 7 })]);
  assert.deepEqual(others.map(({ status }) => status), [200, 200, 200], "different fields stand side by side");
  const { compute_units, storage_units, max_tunnels } = bench.accounts.groups.get("devs")!;
  assert.deepEqual([compute_units, storage_units, max_tunnels], [5, 6, 7]);
});

Deno.test("the ETag of a change is of what that change made, not of what came after it", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  await bench.group("devs");
  const answers = await Promise.all(
    [1, 2].map((max_spaces) => bench.send("PUT", "/api/groups/devs", { as, body: { max_spaces } })),
  );
  const [first, second] = answers.map(({ headers }) => headers.get("etag")!);
  assert.notEqual(first, second);
  assert.equal(second, (await bench.send("GET", "/api/groups/devs", { as })).headers.get("etag"));
  const put = (tag: string, body: object) =>
    bench.send("PUT", "/api/groups/devs", { as, body, headers: { "if-match": tag } });
  assert.equal((await put(first, { max_spaces: 3 })).status, 412);
  assert.equal((await put(second, { max_spaces: 3 })).status, 200);
  assert.equal((await put(second, { max_spaces: 4 })).status, 412);
  assert.equal((await put(second, { compute_units: 4 })).status, 200, "what the answer told of is known");
});

Deno.test("If-Match with a version that is not known is 412, with * anything goes", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  await bench.group("devs");
  const put = (tag: string) =>
    bench.send("PUT", "/api/groups/devs", { as, body: { max_spaces: 2 }, headers: { "if-match": tag } });
  for (const tag of ['"0123456789abcdef"', "nonsense", '""']) {
    const { status, body } = await put(tag);
    assert.equal(status, 412);
    assert.match(body.error, /read the record again/);
  }
  assert.equal((await put("*")).status, 200);
  assert.equal(
    (await put('"0123456789abcdef", ' + (await bench.send("GET", "/api/groups/devs", { as })).headers.get("etag")))
      .status,
    200,
  );
});

Deno.test("If-None-Match saves the body", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  await bench.group("devs");
  const tag = (await bench.send("GET", "/api/groups/devs", { as })).headers.get("etag")!;
  const again = await bench.send("GET", "/api/groups/devs", { as, headers: { "if-none-match": tag } });
  assert.deepEqual([again.status, again.text], [304, ""]);
});

Deno.test("wait and copies reach the node; other words are 400 and nothing is written", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const cases: Array<[string, unknown]> = [
    ["", undefined],
    ["?wait=1s", { waitMs: 1_000, copies: "all" }],
    ["?wait=250ms&copies=majority", { waitMs: 250, copies: "majority" }],
    ["?copies=2", { waitMs: 1_000, copies: 2 }],
    ["?wait=99999s&copies=all", { waitMs: 30_000, copies: "all" }],
  ];
  for (const [index, [query, options]] of cases.entries()) {
    assert.equal((await bench.send("POST", `/api/groups${query}`, { as, body: { name: `g${index}` } })).status, 201);
    assert.deepEqual(bench.node.written.at(-1)!.options, options, query);
  }
  const count = bench.node.count("group");
  for (const query of ["?wait=soon", "?copies=few", "?copies=0", "?wait=-1s"]) {
    assert.equal((await bench.send("POST", `/api/groups${query}`, { as, body: { name: "late" } })).status, 400, query);
  }
  assert.equal(bench.node.count("group"), count);
});

Deno.test("a read with wait is answered when its record comes, as the reader's rights are then", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const reading = bench.send("GET", "/api/groups/devs?wait=5s", { as });
  assert.equal((await bench.send("GET", "/api/groups/devs", { as })).status, 404);
  await bench.group("devs");
  const read = await reading;
  assert.deepEqual([read.status, read.body.name], [200, "devs"]);
  assert.equal((await bench.send("GET", "/api/groups/ops?wait=soon", { as })).status, 400);

  const { sessionToken: lost } = await bench.signIn("root");
  const refused = bench.send("GET", "/api/groups/ops?wait=5s", { as: lost });
  assert.equal((await bench.send("POST", "/api/auth/logout", { as: lost })).status, 200);
  await bench.group("ops");
  assert.equal((await refused).status, 401);
});

Deno.test("what the node could not write is 507 or 503 with a time to come back", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  bench.node.failures.push({ kind: "storage_failed", reason: "ENOSPC /srv/knot.db" });
  const full = await bench.send("POST", "/api/groups", { as, body: { name: "devs" } });
  assert.equal(full.status, 507);
  assert.ok(!full.text.includes("/srv"));
  bench.node.failures.push({ kind: "unavailable", reason: "The clock is 40 s off" });
  const busy = await bench.send("POST", "/api/groups", { as, body: { name: "devs" } });
  assert.deepEqual([busy.status, busy.headers.get("retry-after"), busy.body.error], [
    503,
    "1",
    "The clock is 40 s off",
  ]);
});

Deno.test("unknown routes under /api are 404 in JSON", async () => {
  await using bench = await apiBench();
  for (
    const [method, path] of [["GET", "/api/nothing"], ["DELETE", "/api/users/a/b/c"], ["POST", "/api/"]]
  ) {
    const { status, body } = await bench.send(method, path);
    assert.deepEqual([status, body], [404, { error: "There is no such route" }], `${method} ${path}`);
  }
});

Deno.test("a method that a route does not take is 405, and says which it takes", async () => {
  await using bench = await apiBench();
  for (
    const [method, path, allow] of [
      ["PATCH", "/api/groups", "GET, POST"],
      ["DELETE", "/api/users", "GET, POST"],
      ["POST", "/api/groups/x", "DELETE, GET, PUT"],
    ]
  ) {
    const { status, headers, body } = await bench.send(method, path);
    assert.deepEqual([status, headers.get("allow")], [405, allow], `${method} ${path}`);
    assert.match(body.error, new RegExp(`not ${method}`));
  }
});

Deno.test("a client that goes away in the middle of a body is no failure of the server", async () => {
  await using bench = await apiBench();
  const raw = new ReadableStream({ pull: (controller) => controller.error(new Error("connection reset")) });
  const headers = { "content-type": "application/json" };
  const { status } = await bench.send("POST", "/api/auth", { raw, headers });
  assert.equal(status, 400);
  assert.ok(!bench.log.lines.some(({ level }) => level === "error"));
});

Deno.test("a handler that fails is 500, logged, and tells the client nothing", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  bench.node.list = () => {
    throw new Error("secret detail");
  };
  const { status, text } = await bench.send("GET", "/api/groups", { as });
  assert.equal(status, 500);
  assert.ok(!text.includes("secret detail"));
  assert.ok(
    bench.log.lines.some(({ level, fields }) => level === "error" && JSON.stringify(fields).includes("secret detail")),
  );
});

Deno.test("answers carry the headers that keep browsers from doing harm", async () => {
  await using bench = await apiBench();
  for (const path of ["/api/ping", "/api/nothing", "/api/auth/using-totp"]) {
    const { headers } = await bench.send("GET", path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.match(headers.get("content-security-policy")!, /default-src 'none'/, path);
  }
});

Deno.test("the client's address is the socket's; a forwarded one counts only when trusted, its last entry", async () => {
  await using trusting = await apiBench({ parts: { trustForwardedFor: true } });
  await using wary = await apiBench();
  for (const [bench, ip] of [[trusting, "198.51.100.9"], [wary, "192.0.2.1"]] as const) {
    await bench.user("ann");
    const { body } = await bench.send("POST", "/api/auth", {
      body: { email: "ann@example.com", password: PASSWORD },
      headers: { "x-forwarded-for": "203.0.113.5, 198.51.100.9" },
    });
    const { body: sessions } = await bench.send("GET", "/api/sessions", { as: body.token });
    assert.equal(sessions[0].ip, ip);
  }
});
