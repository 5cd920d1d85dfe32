import assert from "node:assert/strict";
import { OPERATOR } from "../accounts/mod.ts";
import { formFields, uiBench } from "../../tests/fakes/ui_bench.ts";

Deno.test("create, edit and delete end in the list with a message that is shown once", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const created = await root.submit("/groups/create", { name: "Developers", max_spaces: "3" });
  assert.equal(created.headers.get("Location"), "/groups");
  assert.match(await (await root.get("/groups")).text(), /role="status"><p>Created group “Developers”\./);
  assert.ok(!(await (await root.get("/groups")).text()).includes("Created group"));
  const { group_id } = bench.accounts.groups.get("Developers")!;
  await root.submit(`/groups/${group_id}/edit`, { name: "Makers" });
  assert.equal(bench.accounts.groups.get("Makers")?.max_spaces, 3);
  assert.match(await (await root.get(`/groups/${group_id}/delete`)).text(), /Delete group “Makers”\?/);
  assert.equal(bench.accounts.groups.list().length, 1);
  assert.equal((await root.post(`/groups/${group_id}/delete`)).status, 303);
  assert.equal(bench.accounts.groups.list().length, 0);
});

Deno.test("a refused form keeps what was typed and says what is wrong beside each field, with links to them", async () => {
  await using bench = await uiBench();
  const group = await bench.group("Developers");
  const root = await bench.visitor("root");
  const answer = await root.submit("/users/create", {
    username: "a--b",
    email: "a@example.com",
    password: "correct horse",
    groups: [group],
    timezone: "Mars/Olympus",
  });
  assert.equal(answer.status, 422);
  const html = await answer.text();
  assert.match(html, /role="alert"/);
  assert.match(html, /<a href="#username">/);
  assert.match(html, /id="timezone"[^>]*aria-invalid="true"[^>]*aria-describedby="timezone-hint timezone-error"/);
  assert.match(html, /id="timezone-error"/);
  const kept = formFields(html);
  assert.deepEqual([kept.username, kept.email, kept.groups], [["a--b"], ["a@example.com"], [group]]);
  assert.ok(!html.includes("correct horse"));
});

Deno.test("two people who edit different fields of one user do not undo each other", async () => {
  await using bench = await uiBench();
  const [one, two] = [await bench.group("one"), await bench.group("two")];
  const id = await bench.user("ann", { groups: [one] });
  const root = await bench.visitor("root");
  const asRead = formFields(await (await root.get(`/users/${id}/edit`)).text());
  await bench.accounts.users.update(OPERATOR, id, { email: "new@example.com", groups: [one, two], active: false });
  await root.post(`/users/${id}/edit`, { ...asRead, max_spaces: "7" });
  await root.post(`/users/${id}/edit`, { ...asRead, groups: [] });
  const ann = bench.accounts.users.get(id)!;
  assert.equal(ann.email, "new@example.com");
  assert.equal(ann.active, false);
  assert.equal(ann.max_spaces, 7);
  assert.deepEqual(ann.groups, [two], "taken out of the one group that was read, and not of the other");
});

Deno.test("an edit that would replace what somebody else just wrote says so first, and replaces it when sent again", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  await root.submit("/variables/create", { name: "db_host", value: "10.0.0.1", zones: "au" });
  const [{ templatevar_id: id }] = bench.templates.variables.list(OPERATOR);
  const path = `/variables/${id}/edit`;
  const asRead = formFields(await (await root.get(path)).text());
  await bench.templates.variables.update(OPERATOR, id, { value: "from A", restricted: true, zones: ["au", "gb"] });
  const answer = await root.post(path, { ...asRead, value: "from B", zones: "au, us" });
  assert.equal(answer.status, 409);
  const html = await answer.text();
  assert.match(html, /Value was changed to “from A”/);
  assert.equal(bench.templates.variables.get(OPERATOR, id)!.value, "from A");
  assert.equal((await root.post(path, formFields(html))).status, 303);
  const { value, restricted, zones } = bench.templates.variables.get(OPERATOR, id)!;
  assert.deepEqual([value, restricted], ["from B", true], "what this visitor did not touch stays as the other left it");
  assert.deepEqual(zones.toSorted(), ["au", "gb", "us"]);
});

Deno.test("of two forms that are sent at the same moment and change the same, one is told", async () => {
  await using bench = await uiBench();
  const id = await bench.group("devs");
  const root = await bench.visitor("root");
  const asRead = formFields(await (await root.get(`/groups/${id}/edit`)).text());
  const send = (fields: Record<string, string>) => root.post(`/groups/${id}/edit`, { ...asRead, ...fields });
  const answers = await Promise.all([send({ max_spaces: "1" }), send({ max_spaces: "2" }), send({ max_tunnels: "3" })]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 303, 409]);
  assert.equal(bench.accounts.groups.get(id)!.max_tunnels, 3);
});

Deno.test("every refused field is called the same in the summary and beside it", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const bad = "-3";
  const forms: Record<string, Record<string, string | string[]>> = {
    "/users/create": {
      username: "1",
      email: "x",
      password: "y",
      max_spaces: bad,
      compute_units: bad,
      timezone: "Mars/X",
    },
    "/groups/create": { name: " ", max_spaces: bad, storage_units: bad, max_tunnels: bad },
    "/variables/create": { name: "1", zones: "au, au" },
    "/templates/create": {
      name: " ",
      max_uptime: bad,
      health_check_timeout: bad,
      zones: "!",
      icon_url: "javascript:x",
      schedule_0_enabled: "true",
      schedule_0_from: "25:00",
      port_name: ["web", ""],
      port_number: ["99999", ""],
      port_protocol: ["http", "tcp"],
      custom_field_name: ["1"],
      custom_field_description: [""],
    },
  };
  for (const [path, changes] of Object.entries(forms)) {
    const answer = await root.submit(path, changes);
    assert.equal(answer.status, 422, path);
    const html = await answer.text();
    const summary = [...html.matchAll(/<li><a href="#([^"]+)">([^<]+)</g)];
    assert.ok(summary.length >= 2, path);
    for (const [, id, text] of summary) {
      assert.ok(html.includes(`id="${id}"`), `${path} has no #${id}`);
      assert.ok(new RegExp(`<p class="error"[^>]*>${text.replace(/[()?.]/g, "\\$&")}<`).test(html), `${path}: ${text}`);
    }
  }
});

Deno.test("a refused row of a template is named and marked as people see it", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const answer = await root.submit("/templates/create", {
    name: "go",
    schedule_0_enabled: "true",
    schedule_0_from: "25:00",
    port_name: ["", "web"],
    port_number: ["", "0"],
    port_protocol: ["tcp", "http"],
  });
  const html = await answer.text();
  assert.match(html, /<a href="#schedule_0_from">Sunday: From must be a time like 9:00am</);
  assert.match(html, /<a href="#port_number_0">Port 1: Port must be from 1 to 65535</);
  assert.match(html, /id="schedule_0_from"[^>]*aria-invalid="true"[^>]*aria-describedby="schedule_0_from-error"/);
  assert.match(html, /id="port_number_0"[^>]*aria-invalid="true"/);
});

Deno.test("saving a form in which nothing was changed writes nothing", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const group = await bench.group("Developers");
  const user = await bench.user("ann", { groups: [group], ssh_public_key: "ssh-ed25519 AAAA ann\r\n" });
  const { principal } = await bench.signIn("root");
  await bench.templates.templates.create(principal, {
    name: "go",
    platform: "docker",
    job: `\r\n\n image: "debian" & <x>\r\n${"y: z\n".repeat(500)}`,
    zones: ["au", "!gb"],
    groups: [group],
    ports: [{ name: "web", port: 8080, protocol: "http" }],
    custom_fields: [{ name: "branch", description: "Git branch" }],
  });
  await bench.templates.variables.create(principal, { name: "secret", value: "s3cret", protected: true });
  const template = bench.templates.templates.get(principal, "go")!;
  const variable = bench.templates.variables.get(principal, "secret")!;
  const role = await bench.role("Editors", [99, 4, 1]);
  for (
    const [path, kind, id] of [
      [`/users/${user}/edit`, "user", user],
      [`/templates/${template.template_id}/edit`, "template", template.template_id],
      [`/variables/${variable.templatevar_id}/edit`, "template_variable", variable.templatevar_id],
      [`/roles/${role}/edit`, "role", role],
      [`/groups/${group}/edit`, "group", group],
    ]
  ) {
    const before = bench.node.get(kind, id)!.version;
    assert.equal((await root.submit(path, {})).status, 303, path);
    assert.equal(bench.node.get(kind, id)!.version, before, path);
  }
});

Deno.test("a form without base, or with a broken one, still saves", async () => {
  await using bench = await uiBench();
  const group = await bench.group("Developers");
  const root = await bench.visitor("root");
  for (const base of ["", "{", "[]", "null", '{"name":{"sha256":7}}', "x".repeat(2_000_000)]) {
    assert.equal((await root.submit(`/groups/${group}/edit`, { base, name: `G${base.length}` })).status, 303);
    assert.ok(bench.accounts.groups.get(`G${base.length}`));
  }
});

Deno.test("a protected value is not in any page", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  await root.submit("/variables/create", { name: "secret", value: "s3cret", protected: "true" });
  const [variable] = bench.templates.variables.list(OPERATOR);
  for (const path of ["/variables", `/variables/${variable.templatevar_id}/edit`]) {
    assert.ok(!(await (await root.get(path)).text()).includes("s3cret"), path);
  }
});

Deno.test("what people typed is text on every page, never markup", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const evil = `<img src=x onerror=alert(1)>"'&`;
  await root.submit("/groups/create", { name: evil });
  const { group_id } = bench.accounts.groups.list()[0];
  const paths = ["/groups", `/groups?q=${encodeURIComponent(evil)}`, `/groups/${group_id}/edit`, "/users/create"];
  for (const path of [...paths, `/groups/${group_id}/delete`, "/templates/create"]) {
    const html = await (await root.get(path)).text();
    assert.ok(!html.includes("<img src=x"), path);
    assert.ok(html.includes("&lt;img src=x"), path);
  }
});

Deno.test("nobody is offered to delete or deactivate themselves", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const id = bench.accounts.users.get("root")!.user_id;
  const html = await (await root.get(`/users/${id}/edit`)).text();
  assert.ok(!html.includes(`/users/${id}/delete`));
  assert.ok(!html.includes('name="active"'));
  assert.equal((await root.submit(`/users/${id}/edit`, { max_spaces: "5" })).status, 303);
  assert.equal(bench.accounts.users.get("root")?.active, true);
  assert.match(await (await root.get(`/users/${id}/delete`)).text(), /You cannot delete yourself/);
  assert.equal((await root.post(`/users/${id}/delete`)).status, 403);
});

Deno.test("a write that the disk or the cluster refuses says so and keeps the form", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  bench.node.failures.push({ kind: "storage_failed", reason: "no space left" });
  const answer = await root.submit("/groups/create", { name: "Developers" });
  assert.equal(answer.status, 507);
  const html = await answer.text();
  assert.match(html, /No space left\./);
  assert.match(html, /value="Developers"/);
});

Deno.test("checking a template finds what cannot be read, and saves nothing", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const broken = await root.submit("/templates/create", { name: "go", job: "a: [1", intent: "check" });
  assert.match(await broken.text(), /id="job-error"[^>]*>Job line \d: cannot be read as YAML/);
  const good = await root.submit("/templates/create", { name: "go", job: "a: 1", intent: "check" });
  assert.match(await good.text(), /No problem found/);
  assert.equal(bench.templates.templates.list(OPERATOR).length, 0);
});

Deno.test("the built-in role has no form", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const [admin] = bench.accounts.roles.list();
  assert.equal((await root.get(`/roles/${admin.role_id}/edit`)).status, 404);
  assert.equal((await root.post(`/roles/${admin.role_id}/delete`)).status, 404);
});

Deno.test("a saved form says on how many servers it is, in a small line, where there are several", async () => {
  await using bench = await uiBench();
  const root = await bench.visitor("root");
  const saved = async (name: string) => {
    await root.submit("/groups/create", { name });
    return await (await root.get("/groups")).text();
  };
  assert.ok(!/servers/i.test(/<div class="notice good"[\s\S]*?<\/div>/.exec(await saved("alone"))![0]));
  assert.deepEqual(bench.node.written.at(-1)!.options, { copies: "all", waitMs: 300 });
  bench.node.copies = { copies: 3, members: 3 };
  assert.match(
    await saved("everywhere"),
    /Created group “everywhere”\.<\/p><p class="small quiet">On all 3 servers\.</,
  );
  bench.node.copies = { copies: 2, members: 3 };
  assert.match(await saved("partly"), /<p class="small quiet">On 2 of 3 servers so far; the others get it/);
});
