import assert from "node:assert/strict";
import fc from "fast-check";
import { normaliseName, uniqueNames } from "./kinds.ts";
import { NameIndex } from "./names.ts";
import { anyStamp } from "./record_arbitrary.ts";
import type { RecordState } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { encodeValue } from "./value.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

function user(id: string, email: string, stamp = at(1)): RecordState {
  return { kind: "user", id, fields: new Map([["email", { stamp, value: encodeValue(email) }]]), sets: new Map() };
}

function tombstone(id: string): RecordState {
  return { kind: "user", id, deletedAt: at(9), fields: new Map(), sets: new Map() };
}

/** An index over records that it keeps by their ids. */
class Names {
  readonly #ids: string[] = [];
  readonly #states = new Map<string, RecordState>();
  readonly #index = new NameIndex("key", (number) => this.#states.get(this.#ids[number]));

  /** The record as it is from now on; undefined: it is gone. */
  set(id: string, state: RecordState | undefined): void {
    if (!this.#ids.includes(id)) this.#ids.push(id);
    const before = this.#states.get(id);
    if (state === undefined) this.#states.delete(id);
    else this.#states.set(id, state);
    this.#index.update(this.#ids.indexOf(id), () => before, state);
  }

  winner(kind: string, field: string, name: string): string | undefined {
    return this.#index.winner(kind, field, name);
  }

  loses(id: string): boolean {
    return this.#index.loses(this.#ids.indexOf(id));
  }
}

Deno.test("NameIndex.winner() finds the owner in any spelling, within kind and field", () => {
  const names = new Names();
  names.set("u1", user("u1", "Ann@x"));
  assert.equal(names.winner("user", "email", "aNN@X"), "u1");
  assert.equal(names.winner("user", "email", "bob@x"), undefined);
  assert.equal(names.winner("user", "username", "ann@x"), undefined);
  assert.equal(names.winner("group", "email", "ann@x"), undefined);
});

Deno.test("NameIndex gives a name that two records claim to the earlier stamp", () => {
  const names = new Names();
  names.set("u1", user("u1", "ann@x", at(2)));
  names.set("u2", user("u2", "ANN@x", at(1)));
  assert.equal(names.winner("user", "email", "ann@x"), "u2");
  assert.equal(names.loses("u1"), true);
  assert.equal(names.loses("u2"), false);
});

Deno.test("NameIndex gives a name to the lesser id between equal stamps", () => {
  const names = new Names();
  names.set("u2", user("u2", "ann@x"));
  names.set("u1", user("u1", "ann@x"));
  assert.equal(names.winner("user", "email", "ann@x"), "u1");
  assert.equal(names.loses("u2"), true);
});

Deno.test("NameIndex ends a conflict when either record is renamed, deleted or gone", () => {
  const [first, second] = [user("u1", "ann@x", at(1)), user("u2", "ann@x", at(2))];
  for (
    const [before, after] of [[second, user("u2", "bob@x", at(3))], [first, tombstone("u1")], [
      first,
      undefined,
    ]] as const
  ) {
    const names = new Names();
    names.set("u1", first);
    names.set("u2", second);
    names.set(before.id, after);
    assert.equal(names.loses("u2"), false);
    assert.equal(names.winner("user", "email", "ann@x"), before === first ? "u2" : "u1");
  }
});

Deno.test("NameIndex forgets names that nobody claims any longer", () => {
  const names = new Names();
  names.set("u1", user("u1", "ann@x"));
  names.set("u1", user("u1", "bob@x", at(2)));
  assert.equal(names.winner("user", "email", "ann@x"), undefined);
  assert.equal(names.winner("user", "email", "bob@x"), "u1");
});

Deno.test("NameIndex depends on the records alone, not on the order of updates", () => {
  const anyUser = fc
    .tuple(fc.constantFrom("u1", "u2", "u3", "u4"), fc.constantFrom("a@x", "A@x", "b@x", ""), anyStamp, fc.nat(4))
    .map(([id, email, stamp, dies]) => dies === 0 ? tombstone(id) : user(id, email, stamp));
  fc.assert(fc.property(fc.array(anyUser, { maxLength: 20 }), (history) => {
    const names = new Names();
    const records = new Map<string, RecordState>();
    for (const record of history) {
      names.set(record.id, record);
      records.set(record.id, record);
    }
    for (const name of ["a@x", "b@x"]) assert.equal(names.winner("user", "email", name), expectedWinner(records, name));
    for (const record of records.values()) {
      const lost = uniqueNames(record).some(({ name }) => expectedWinner(records, name) !== record.id);
      assert.equal(names.loses(record.id), lost);
    }
  }));
});

function expectedWinner(records: ReadonlyMap<string, RecordState>, email: string): string | undefined {
  const wanted = normaliseName("user", "email", email);
  return [...records.values()]
    .flatMap((record) =>
      uniqueNames(record).map(({ name, stamp }) => ({ name, order: stamp + record.id, id: record.id }))
    )
    .filter(({ name }) => name === wanted)
    .sort((a, b) => a.order < b.order ? -1 : 1)[0]?.id;
}

Deno.test("NameIndex tells names apart whose characters are beyond one byte", () => {
  const names = new Names();
  names.set("u1", user("u1", "\u0101@x"));
  names.set("u2", user("u2", "\u0102@x"));
  assert.equal(names.winner("user", "email", "\u0101@x"), "u1");
  assert.equal(names.winner("user", "email", "\u0100@X"), "u1");
  assert.equal(names.winner("user", "email", "\u0102@x"), "u2");
});
