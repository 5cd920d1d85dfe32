import assert from "node:assert/strict";
import { apiBench } from "../../tests/fakes/api_bench.ts";
import { memberStatus } from "../../tests/fakes/ui_bench.ts";
import { Permission } from "../accounts/mod.ts";
import type { MemberStatus } from "../node/mod.ts";

const TEMPLATE_FIELDS =
  ("template_id name description job volumes hash usage deployed groups platform active is_managed with_terminal with_vscode_tunnel " +
    "with_code_server with_ssh with_run_command allow_node_migration startup_script_id shutdown_script_id compute_units storage_units " +
    "schedule_enabled auto_start schedule zones max_uptime max_uptime_unit icon_url custom_fields health_check_type health_check_config " +
    "health_check_skip_ssl_verify health_check_timeout health_check_interval health_check_max_failures health_check_auto_restart " +
    "disable_user_activity ports").split(" ");

Deno.test("templates are made, listed, read by id and name, changed and deleted", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const made = await bench.send("POST", "/api/templates", {
    as,
    body: {
      name: "debian",
      platform: "docker",
      job: "image: debian",
      ports: [{ name: "web", port: 80, protocol: "http" }],
    },
  });
  assert.equal(made.status, 201);
  const id = made.body.template_id;
  for (const name of [id, "debian"]) {
    const { body } = await bench.send("GET", `/api/templates/${name}`, { as });
    for (const field of TEMPLATE_FIELDS) assert.ok(field in body, field);
    assert.equal(body.job, "image: debian");
  }
  const { body: list } = await bench.send("GET", "/api/templates", { as });
  assert.deepEqual([list.count, list.templates[0].name, "job" in list.templates[0]], [1, "debian", false]);
  const bad = await bench.send("PUT", "/api/templates/debian", { as, body: { platform: "vax", ports: [{ port: 0 }] } });
  assert.equal(bad.status, 400);
  assert.deepEqual(Object.keys(bad.body.fields).sort(), ["platform", "ports.0.port", "ports.0.protocol"]);
  assert.equal((await bench.send("PUT", "/api/templates/debian", { as, body: { description: "new" } })).status, 200);
  assert.equal((await bench.send("GET", `/api/templates/${id}`, { as })).body.description, "new");
  assert.equal((await bench.send("DELETE", "/api/templates/debian", { as })).status, 200);
  assert.equal((await bench.send("GET", `/api/templates/${id}`, { as })).status, 404);
});

Deno.test("somebody without permissions reads the templates they may use, and nothing of what is inside", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const group = await bench.group("devs");
  for (
    const [name, more] of [["all", {}], ["devs", { groups: [group] }], ["off", { active: false }], ["gb", {
      zones: ["gb"],
    }]] as const
  ) {
    await bench.send("POST", "/api/templates", {
      as,
      body: { name, platform: "docker", job: "registry-password", ...more },
    });
  }
  await bench.user("ann");
  const { sessionToken: ann } = await bench.signIn("ann");
  const { body, text } = await bench.send("GET", "/api/templates", { as: ann });
  assert.deepEqual(body.templates.map(({ name }: { name: string }) => name), ["all"]);
  assert.ok(!text.includes("registry-password"));
  assert.ok(!(await bench.send("GET", "/api/templates/all", { as: ann })).text.includes("registry-password"));
  for (const name of ["devs", "off", "gb"]) {
    assert.equal((await bench.send("GET", `/api/templates/${name}`, { as: ann })).status, 404);
  }
});

Deno.test("a template is exported as a string, or as YAML where that is accepted, and imported from either", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const job = "image: debian\nname: ${{ .space.name }}\n";
  await bench.send("POST", "/api/templates", { as, body: { name: "debian", platform: "docker", job } });
  const quoted = await bench.send("GET", "/api/templates/debian/export", { as });
  const plain = await bench.send("GET", "/api/templates/debian/export", {
    as,
    headers: { accept: "application/yaml" },
  });
  assert.equal(quoted.body, plain.text);
  assert.ok(plain.text.includes("${{ .space.name }}"));

  const again = await bench.send("POST", "/api/templates/import", { as, body: plain.text });
  assert.equal(again.status, 200);
  const renamed = plain.text.replace("name: debian", "name: copy");
  const made = await bench.send("POST", "/api/templates/import", {
    as,
    raw: renamed,
    headers: { "content-type": "application/yaml" },
  });
  assert.deepEqual([made.status, Object.keys(made.body)], [201, ["status", "template_id"]]);
  assert.equal((await bench.send("GET", "/api/templates/copy", { as })).body.job, job);
  for (const body of ["a: [", "name: x", { yaml: "x" }]) {
    assert.equal((await bench.send("POST", "/api/templates/import", { as, body })).status, 400, JSON.stringify(body));
  }
  assert.equal((await bench.send("GET", "/api/templates/none/export", { as })).status, 404);
});

Deno.test("validate answers what is wrong, and where", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const validate = async (body: unknown) => (await bench.send("POST", "/api/templates/validate", { as, body })).body;
  assert.deepEqual(await validate({ platform: "docker", job: "image: a" }), { valid: true, errors: [] });
  const { valid, errors } = await validate({ platform: "docker", job: "image: a\nports: [1" });
  assert.deepEqual([valid, errors[0].field, errors[0].line], [false, "job", 2]);
});

Deno.test("variables are made, listed without values, and protected ones never shown", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const made = await bench.send("POST", "/api/templatevars", {
    as,
    body: { name: "region", value: "eu", zones: ["au", "!us"] },
  });
  assert.deepEqual([made.status, Object.keys(made.body)], [201, ["status", "templatevar_id"]]);
  await bench.send("POST", "/api/templatevars", { as, body: { name: "secret", value: "hunter22", protected: true } });
  const { body: list, text } = await bench.send("GET", "/api/templatevars", { as });
  assert.equal(list.count, 2);
  assert.ok(!text.includes("hunter22") && !text.includes('"value"'));
  const { body: one } = await bench.send("GET", "/api/templatevars/region", { as });
  for (const field of "templatevar_id name zones local value protected restricted is_managed".split(" ")) {
    assert.ok(field in one, field);
  }
  assert.deepEqual([one.value, [...one.zones].sort()], ["eu", ["!us", "au"]]);
  const hidden = await bench.send("GET", "/api/templatevars/secret", { as });
  assert.deepEqual([hidden.body.value, hidden.body.protected], ["", true]);
  assert.equal(
    (await bench.send("PUT", "/api/templatevars/region", { as, body: { zones: ["au", "au"] } })).status,
    400,
  );
  assert.equal((await bench.send("PUT", "/api/templatevars/region", { as, body: { value: "us" } })).status, 200);
  assert.equal((await bench.send("DELETE", "/api/templatevars/region", { as })).status, 200);
  assert.equal((await bench.send("GET", "/api/templatevars/region", { as })).status, 404);
});

Deno.test("a value of 10 MiB goes in and comes out", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const value = "é".repeat(5 * 1024 * 1024);
  assert.equal((await bench.send("POST", "/api/templatevars", { as, body: { name: "big", value } })).status, 201);
  assert.equal((await bench.send("GET", "/api/templatevars/big", { as })).body.value, value);
  const over = await bench.send("PUT", "/api/templatevars/big", { as, body: { value: value + "x" } });
  assert.deepEqual([over.status, over.body.fields], [400, { value: "can have at most 10 MiB" }]);
});

Deno.test("search finds names of what the caller may see, a handful of each kind", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  for (let i = 0; i < 7; i++) await bench.group(`alpha ${i}`);
  await bench.user("alphonse");
  await bench.templates.templates.create({ userId: "", groups: [], can: () => true }, {
    name: "Alpha",
    platform: "docker",
  });
  const { body } = await bench.send("GET", "/api/search?q=ALPH", { as });
  assert.deepEqual(Object.keys(body).sort(), ["groups", "query", "templates", "users"]);
  assert.equal(body.groups.length, 5);
  assert.deepEqual(Object.keys(body.users[0]).sort(), ["description", "id", "name"]);
  const { sessionToken } = await bench.signIn("alphonse");
  assert.deepEqual(Object.keys((await bench.send("GET", "/api/search?q=alph", { as: sessionToken })).body), [
    "query",
    "templates",
  ]);
  assert.deepEqual((await bench.send("GET", "/api/search?q=%20", { as })).body, { query: "" });
});

Deno.test("cluster-info is a bare array by address, in the original's words", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const member = (id: string, address: string, more: Partial<MemberStatus> = {}): MemberStatus => ({
    id,
    self: false,
    state: "alive",
    incarnation: 1,
    facts: {
      address,
      zone: "gb",
      hostname: "h",
      version: "1",
      apiEndpoint: "http://h",
      bootId: "b",
      startedAtMs: 0,
      protocolMin: 1,
      protocolMax: 1,
      saidAt: 0,
      lineage: "l",
    },
    lastContactMs: 1000,
    roundTripMs: 1.234,
    records: 7,
    inSync: true,
    shortId: id,
    label: id,
    problem: undefined,
    isForeign: false,
    packetsBlocked: false,
    streamsBlocked: false,
    relayed: false,
    clockOffsetMs: undefined,
    ...more,
  });
  bench.node.setStatus({
    clustered: true,
    members: [
      member("2", "b:1", { state: "suspect" }),
      member("1", "a:1", { self: true }),
      member("3", "", {
        state: "dead",
        facts: undefined,
        lastContactMs: undefined,
        records: undefined,
        inSync: undefined,
      }),
    ],
  });
  const { body } = await bench.send("GET", "/api/cluster-info", { as });
  assert.deepEqual(body.map((entry: { id: string; state: string }) => [entry.id, entry.state]), [["3", "Dead"], [
    "1",
    "Alive",
  ], ["2", "Suspect"]]);
  const { metadata } = body[1];
  for (const value of Object.values(metadata)) assert.equal(typeof value, "string");
  for (const name of ["zone", "hostname", "api_endpoint", "allocated_spaces", "running_spaces"]) {
    assert.ok(name in metadata, name);
  }
  assert.deepEqual([metadata.in_sync, metadata.records, metadata.round_trip_ms], ["true", "7", "1.2"]);
  assert.ok(!("in_sync" in body[0].metadata), "what is not known is left out");
  assert.deepEqual(
    [metadata.incarnation, metadata.protocol_min, metadata.protocol_max, metadata.relayed],
    ["1", "1", "1", "false"],
  );
  assert.equal(metadata.uptime_seconds, String(Math.floor(bench.clock.wallMs() / 1000)));
  assert.deepEqual((await bench.send("GET", "/api/server-info", { as })).body, {
    version: "1.2.3",
    wildcard_domain: "",
    clustered: true,
  });
});

Deno.test("cluster-info tells on request what each server thinks of the others", async () => {
  await using bench = await apiBench();
  const as = await bench.admin();
  const [au, gb] = [memberStatus("au", { self: true }), memberStatus("gb")];
  bench.node.setStatus({ clustered: true, members: [au, gb] });
  bench.node.opinions = () =>
    Promise.resolve(
      new Map([
        [au.id, [{ id: gb.id, state: "alive", path: "direct", roundTripMs: 1, silentMs: 20 }]],
        [gb.id, [{ id: au.id, state: "suspect", path: undefined, roundTripMs: undefined, silentMs: undefined }]],
      ]),
    ) as never;
  const plain = await bench.send("GET", "/api/cluster-info", { as });
  assert.ok(!("seen_by" in plain.body[0].metadata));
  const { body } = await bench.send("GET", "/api/cluster-info?opinions=1", { as });
  assert.deepEqual(body.map(({ metadata }: { metadata: { seen_by: string } }) => JSON.parse(metadata.seen_by)), [
    { [gb.id]: { state: "suspect" } },
    { [au.id]: { state: "alive", path: "direct", round_trip_ms: 1, silent_ms: 20 } },
  ]);
});

Deno.test("permissions are listed with number, name, group and description", async () => {
  await using bench = await apiBench();
  await bench.user("ann");
  const { sessionToken: as } = await bench.signIn("ann");
  const { body } = await bench.send("GET", "/api/permissions", { as });
  assert.equal(body.count, body.permissions.length);
  assert.deepEqual(body.permissions.map(({ id }: { id: number }) => id), Object.values(Permission));
  for (const permission of body.permissions) {
    assert.deepEqual(Object.keys(permission), ["id", "name", "group", "description"]);
  }
});
