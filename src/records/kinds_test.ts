import assert from "node:assert/strict";
import { kindDefinition, normaliseName, uniqueNames } from "./kinds.ts";
import type { RecordState, Value } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { encodeValue } from "./value.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

function record(kind: string, fields: Record<string, Value>): RecordState {
  const registers = Object.entries(fields).map(([name, value], i) =>
    [name, { stamp: at(i), value: encodeValue(value) }] as const
  );
  return { kind, id: "r1", fields: new Map(registers), sets: new Map() };
}

Deno.test("kindDefinition() knows the sets of each kind of ours, and nothing of others", () => {
  const sets = Object.fromEntries(
    ["user", "role", "group", "template", "template_variable", "session", "api_token"].map((kind) => [
      kind,
      kindDefinition(kind)?.sets,
    ]),
  );
  assert.deepEqual(sets, {
    user: ["roles", "groups"],
    role: [],
    group: [],
    template: ["groups", "zones"],
    template_variable: ["zones"],
    session: [],
    api_token: [],
  });
  for (const kind of ["event_sink", "constructor", "__proto__"]) assert.equal(kindDefinition(kind), undefined);
});

Deno.test("normaliseName() ignores case in emails and usernames, but not in other names", () => {
  assert.equal(normaliseName("user", "email", "Ann@Example.COM"), "ann@example.com");
  assert.equal(normaliseName("user", "username", "Ann"), "ann");
  assert.equal(normaliseName("group", "name", "Dev"), "Dev");
  assert.equal(normaliseName("session", "token_hash", "aB"), "aB");
});

Deno.test("normaliseName() takes two encodings of one letter for the same name", () => {
  assert.equal(normaliseName("group", "name", "Zu\u0308rich"), normaliseName("group", "name", "Z\u00fcrich"));
  assert.equal(normaliseName("user", "email", "ZU\u0308@x.ch"), normaliseName("user", "email", "z\u00fc@x.ch"));
});

Deno.test("uniqueNames() lists each claimed name with the stamp of its own register", () => {
  assert.deepEqual(uniqueNames(record("user", { active: true, username: "Ann", email: "A@x" })), [
    { field: "email", name: "a@x", stamp: at(2) },
    { field: "username", name: "ann", stamp: at(1) },
  ]);
  assert.deepEqual(uniqueNames(record("api_token", { name: "ci", token_hash: "ff" })), [
    { field: "token_hash", name: "ff", stamp: at(1) },
  ]);
});

Deno.test("uniqueNames() finds none in tombstones, unknown kinds, empty and overlong texts and other values", () => {
  const tombstone = { kind: "user", id: "u1", deletedAt: at(1), fields: new Map(), sets: new Map() };
  assert.deepEqual(uniqueNames(tombstone), []);
  assert.deepEqual(uniqueNames(record("event_sink", { name: "x" })), []);
  for (const name of ["", "x".repeat(1025), 7, null, ["x"]]) {
    assert.deepEqual(uniqueNames(record("group", { name })), []);
  }
});
