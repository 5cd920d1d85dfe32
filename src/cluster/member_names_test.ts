import assert from "node:assert/strict";
import { MemberNames } from "./member_names.ts";

const member = (id: string, zone: string) => ({ id, facts: { zone } as never });

Deno.test("of() names members anew when one comes, goes, or moves to another zone", () => {
  const names = new MemberNames();
  const labelled = (members: ReturnType<typeof member>[]) => [...names.of(members).labelled.values()];
  const [au, gb, other] = [member("1111111", "au"), member("2222222", "gb"), member("3333333", "gb")];
  assert.deepEqual(labelled([au, gb]), ["au", "gb"]);
  assert.equal(names.of([au, gb]).labelled, names.of([au, gb]).labelled);
  assert.deepEqual(labelled([au, gb, other]), ["au", "gb 222222", "gb 333333"]);
  assert.deepEqual(labelled([au, { ...gb, facts: { zone: "us" } as never }, other]), ["au", "us", "gb"]);
  assert.deepEqual(labelled([au]), ["au"]);
});
