import assert from "node:assert/strict";
import { OPERATOR } from "../accounts/mod.ts";
import { type UiBench, uiBench } from "../../tests/fakes/ui_bench.ts";

/** One kind of names: how a record of it is made, where its pages are, and which field is renamed. */
interface Kind {
  readonly kind: string;
  readonly path: string;
  readonly field: string;
  readonly make: (bench: UiBench) => Promise<unknown>;
}

const template = { name: "twice", job: "job {}", platform: "manual" };

const KINDS: readonly Kind[] = [
  { kind: "user", path: "/users", field: "username", make: (bench) => bench.user("twice") },
  { kind: "group", path: "/groups", field: "name", make: (bench) => bench.group("twice") },
  { kind: "role", path: "/roles", field: "name", make: (bench) => bench.role("twice", []) },
  {
    kind: "template",
    path: "/templates",
    field: "name",
    make: ({ templates }) => templates.templates.create(OPERATOR, template),
  },
  {
    kind: "template_variable",
    path: "/variables",
    field: "name",
    make: ({ templates }) => templates.variables.create(OPERATOR, { name: "twice", value: "x", zones: [] }),
  },
];

for (const { kind, path, field, make } of KINDS) {
  Deno.test(`a ${kind} that lost its name is marked in the list, one click from being renamed, which ends it`, async () => {
    await using here = await uiBench();
    await using there = await uiBench();
    await make(here);
    there.clock.advance(1_000);
    await make(there);
    const [loser] = [...there.node.states.values()].filter((state) =>
      state.kind === kind && isTwice(there, kind, state.id)
    );
    const [winner] = here.node.list(kind).filter(({ id }) => isTwice(here, kind, id));
    here.node.accept([loser]);
    here.clock.advance(2_000); // Past the stamps of the other side.
    const root = await here.visitor("root");

    const list = await (await root.get(path)).text();
    assert.match(list, new RegExp(`In conflict</span> <a href="${path}/${loser.id}/edit#${field}">Rename</a>`));
    assert.equal(list.match(/In conflict/g)?.length, 1, "the winner is not marked");
    const form = await (await root.get(`${path}/${loser.id}/edit`)).text();
    assert.match(form, new RegExp(`<a href="${path}/${winner.id}/edit">another`));
    assert.match(form, new RegExp(`id="${field}"`), "the link leads to the field");

    const changes: Record<string, string> = { [field]: "once" };
    if (kind === "user") changes.email = "once@example.com";
    const answer = await root.submit(`${path}/${loser.id}/edit`, changes);
    assert.equal(answer.status, 303);
    assert.ok(!(await (await root.get(path)).text()).includes("In conflict"));
  });
}

Deno.test("a user whose email alone was given twice is told so, and keeps the username", async () => {
  await using here = await uiBench();
  await using there = await uiBench();
  await here.user("ann", { email: "both@example.com" });
  there.clock.advance(1_000);
  const id = await there.user("bob", { email: "both@example.com" });
  here.node.accept([there.node.states.get(`user\0${id}`)!]);
  here.clock.advance(2_000);
  const root = await here.visitor("root");
  assert.match(await (await root.get("/users")).text(), new RegExp(`/users/${id}/edit#email">Rename`));
  const form = await (await root.get(`/users/${id}/edit`)).text();
  assert.match(form, /got the same email\. The other one was first and keeps it\. Nobody can sign in as this user/);
  const renamed = await root.submit(`/users/${id}/edit`, { username: "robert", email: "bob@example.com" });
  assert.equal(renamed.status, 422);
});

function isTwice({ node }: UiBench, kind: string, id: string): boolean {
  const fields = node.get(kind, id)?.fields ?? {};
  return fields.name === "twice" || fields.username === "twice";
}
