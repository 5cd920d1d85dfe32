import assert from "node:assert/strict";
import { MemoryNode } from "../../tests/fakes/memory_node.ts";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { systemEntropy } from "../base/mod.ts";
import { createTemplates, type Viewer } from "./mod.ts";

const manager: Viewer = { userId: "m", groups: [], can: () => true };
const guest = (groups: string[] = []): Viewer => ({ userId: "g", groups, can: () => false });

function bench() {
  const clock = new VirtualClock();
  const node = new MemoryNode(clock);
  const { templates } = createTemplates({ node, clock, entropy: systemEntropy, zone: "au" });
  const create = async (input: Record<string, unknown>) => {
    const outcome = await templates.create(manager, { platform: "docker", ...input });
    if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
    return outcome.id;
  };
  return { clock, node, templates, create };
}

async function group(node: MemoryNode, id: string, name: string) {
  await node.write([{ op: "create", kind: "group", id, fields: { name } }]);
}

Deno.test("create() fills in what was left out", async () => {
  const { templates, create } = bench();
  const template = templates.get(manager, await create({ name: "debian" }))!;
  assert.equal(template.active, true);
  assert.equal(template.max_uptime_unit, "disabled");
  assert.equal(template.schedule.length, 7);
  assert.deepEqual([template.zones, template.groups, template.ports, template.custom_fields], [[], [], [], []]);
  assert.match(template.hash, /^[0-9a-f]{16}$/);
  assert.equal(templates.get(manager, "debian")!.template_id, template.template_id);
});

Deno.test("job and volumes must fit into one record together, whenever each of them is written", async () => {
  const { templates, create } = bench();
  const big = "x".repeat(7 * 1024 * 1024);
  const together = "can have at most 12 MiB together with all else in the template";
  const refused = { kind: "invalid", fields: { job: together, volumes: together } };
  assert.deepEqual(await templates.create(manager, { name: "a", platform: "nomad", job: big, volumes: big }), refused);
  const id = await create({ name: "b", platform: "nomad", job: big });
  assert.deepEqual(await templates.update(manager, id, { volumes: big }), refused);
  assert.equal((await templates.update(manager, id, { job: "", volumes: big })).kind, "updated");
});

Deno.test("create() names every broken field, parts of lists by their path", async () => {
  const { templates } = bench();
  const outcome = await templates.create(manager, {
    name: "",
    platform: "vax",
    zones: ["au", "au"],
    max_uptime_unit: "year",
    health_check_type: "guess",
    ports: [{ name: "web", port: 80, protocol: "http" }, { name: "a=b", port: 0, protocol: "udp" }],
    custom_fields: [{ name: "1st" }],
    schedule: [{ enabled: true, from: "25:00", to: "" }],
    job: "x".repeat(10 * 1024 * 1024 + 1),
    icon_url: "javascript:alert(1)",
  });
  assert.equal(outcome.kind, "invalid");
  if (outcome.kind !== "invalid") return;
  assert.deepEqual(Object.keys(outcome.fields).sort(), [
    "custom_fields.0.name",
    "health_check_type",
    "icon_url",
    "job",
    "max_uptime_unit",
    "name",
    "platform",
    "ports.1.name",
    "ports.1.port",
    "ports.1.protocol",
    "schedule",
    "schedule.0",
    "schedule.0.from",
    "zones",
  ]);
});

Deno.test("create() refuses an unknown group and a name that is taken", async () => {
  const { templates, create } = bench();
  await create({ name: "debian" });
  assert.deepEqual(await templates.create(manager, { name: "debian", platform: "docker" }), {
    kind: "name_taken",
    fields: { name: "is taken" },
  });
  const unknown = await templates.create(manager, { name: "b", platform: "docker", groups: ["g"] });
  assert.equal(unknown.kind, "invalid");
});

Deno.test("the hash changes with job, volumes, platform, features and custom fields, and with nothing else", async () => {
  const { templates, create } = bench();
  const id = await create({ name: "debian", job: "a" });
  const hash = () => templates.get(manager, id)!.hash;
  for (
    const change of [
      { job: "b" },
      { volumes: "v" },
      { platform: "podman" },
      { with_ssh: true },
      { with_terminal: true },
      { custom_fields: [{ name: "size", description: "" }] },
    ]
  ) {
    const before = hash();
    await templates.update(manager, id, change);
    assert.notEqual(hash(), before, JSON.stringify(change));
  }
  const before = hash();
  await templates.update(manager, id, {
    name: "other",
    description: "d",
    active: false,
    zones: ["au"],
    compute_units: 3,
  });
  assert.equal(hash(), before);
});

Deno.test("guests see active templates of their groups and this zone, without what is inside", async () => {
  const { node, templates, create } = bench();
  await group(node, "g1", "devs");
  await create({ name: "all", job: "secret", volumes: "secret", health_check_config: "secret" });
  await create({ name: "devs", groups: ["g1"] });
  await create({ name: "off", active: false });
  await create({ name: "elsewhere", zones: ["gb"] });
  await create({ name: "not-here", zones: ["!au"] });
  const names = (viewer: Viewer) => templates.list(viewer).map((template) => template.name);
  assert.deepEqual(names(guest()), ["all"]);
  assert.deepEqual(names(guest(["g1"])), ["all", "devs"]);
  assert.deepEqual(names(manager), ["all", "devs", "elsewhere", "not-here", "off"]);
  assert.equal(templates.get(guest(), "devs"), undefined);
  assert.ok(!JSON.stringify(templates.get(guest(), "all")).includes("secret"));
});

Deno.test("guests change nothing and export nothing", async () => {
  const { templates, create } = bench();
  const id = await create({ name: "all" });
  for (
    const outcome of await Promise.all([
      templates.create(guest(), {}),
      templates.update(guest(), id, {}),
      templates.delete(guest(), id),
      templates.import(guest(), "name: x"),
    ])
  ) assert.equal(outcome.kind, "forbidden");
  assert.equal(templates.export(guest(), id), undefined);
});

Deno.test("update() lets edits of different fields stand side by side", async () => {
  const { templates, create } = bench();
  const id = await create({ name: "debian", description: "old", zones: ["au"] });
  const read = { ...templates.get(manager, id)! };
  await templates.update(manager, id, { ...read, description: "new" }, { base: read });
  await templates.update(manager, id, { ...read, job: "b", zones: ["au", "gb"] }, { base: read });
  const template = templates.get(manager, id)!;
  assert.deepEqual([template.description, template.job, template.zones], ["new", "b", ["au", "gb"]]);
});

Deno.test("what is exported is imported the same, placeholders to the letter, groups by name", async () => {
  const one = bench();
  await group(one.node, "g1", "devs");
  const job = 'image: "debian"\nenv:\n  - "A=${{ .user.username }}"\n  - long: ' + "word ".repeat(60) + "\n";
  const given = {
    name: "debian",
    job,
    groups: ["g1"],
    zones: ["!us"],
    with_ssh: true,
    active: false,
    ports: [{ name: "web", port: 80, protocol: "http" }],
    custom_fields: [{ name: "size", description: "how big" }],
  };
  await one.create(given);
  const yaml = one.templates.export(manager, "debian")!;
  assert.ok(yaml.includes("${{ .user.username }}"));
  assert.ok(yaml.includes("devs") && !yaml.includes("g1"));

  const two = bench();
  await group(two.node, "g2", "devs");
  const made = await two.templates.import(manager, yaml);
  assert.equal(made.kind, "created");
  const copy = two.templates.get(manager, "debian")!;
  assert.equal(copy.job, job);
  assert.deepEqual(copy.groups, ["g2"]);
  assert.deepEqual(
    [copy.zones, copy.with_ssh, copy.active, copy.ports, copy.custom_fields],
    [given.zones, true, false, given.ports, given.custom_fields],
  );
  assert.equal(copy.hash, one.templates.get(manager, "debian")!.hash);
  assert.equal(two.templates.export(manager, "debian"), yaml);
  assert.equal((await two.templates.import(manager, yaml)).kind, "updated");
  assert.equal(two.templates.list(manager).length, 1);
});

Deno.test("import() answers what cannot be imported", async () => {
  const { templates } = bench();
  for (const yaml of ["a: [", "- 1", "7", "name: x", "name: x\nplatform: docker\ngroups: [nobody]", "a: &a [*a, *a]"]) {
    assert.equal((await templates.import(manager, yaml)).kind, "invalid", yaml);
  }
});

Deno.test("validate() points to the line that is no YAML, and lets placeholders stand", () => {
  const { templates } = bench();
  assert.deepEqual(templates.validate({ platform: "docker", job: "image: ${{ .var.image }}\nports: [1, 2]\n" }), []);
  const issues = templates.validate({ platform: "docker", job: "image: a\nports: [1, 2\n" });
  assert.equal(issues[0].field, "job");
  assert.ok(issues[0].line >= 2);
  assert.equal(templates.validate({ platform: "vax" })[0].field, "platform");
  assert.deepEqual(templates.validate({ platform: "nomad", job: 'job "x" {' }), []);
});

Deno.test("a stored template of another shape is read as far as it goes", async () => {
  const { node, templates } = bench();
  await node.write([{
    op: "create",
    kind: "template",
    id: "t",
    fields: { name: "odd", platform: 7, ports: [1, { port: "x" }], schedule: "never", custom_fields: null },
  }]);
  const template = templates.get(manager, "t")!;
  assert.equal(template.platform, "manual");
  assert.deepEqual(template.ports, [{ name: "", port: 0, protocol: "tcp" }]);
  assert.equal(template.schedule.length, 7);
});
