import assert from "node:assert/strict";
import fc from "fast-check";
import { FingerprintIndex } from "./fingerprint_index.ts";
import { IdList } from "./id_list_fixture.ts";

const version = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((number) => number.toString(16).padStart(16, "0"));
const items = fc.uniqueArray(fc.tuple(fc.constantFrom("user", "group", "role"), fc.uuid(), version), {
  selector: ([kind, id]) => `${kind}/${id}`,
  maxLength: 30,
});

/** An index that numbers ids by itself. */
function indexed(key: string) {
  const ids = new IdList();
  const index = new FingerprintIndex(key, ids);
  const set = (kind: string, id: string, version: string) => index.set({ kind, id }, ids.numberOf(id), version);
  return { index, set };
}

Deno.test("FingerprintIndex.roots depends on the contents, not on how they came about", () => {
  fc.assert(fc.property(items, items, fc.nat(), (kept, removed, turn) => {
    const direct = indexed("k"), detour = indexed("k");
    for (const [kind, id, version] of kept) direct.set(kind, id, version);
    const gone = removed.filter(([kind, id]) => !kept.some(([k, i]) => k === kind && i === id));
    const at = kept.length === 0 ? 0 : turn % kept.length;
    for (const [kind, id, version] of gone) detour.set(kind, id, version);
    for (const [kind, id, version] of [...kept.slice(at), ...kept.slice(0, at)]) detour.set(kind, id, version);
    for (const [kind, id] of gone) detour.index.delete(kind, id);
    assert.deepEqual(detour.index.roots, direct.index.roots);
    assert(detour.index.equals(direct.index.roots));
  }));
});

Deno.test("FingerprintIndex tells apart another version, another id, another kind and another key", () => {
  const root = (key: string, kind: string, id: string, version: string) => {
    const { index, set } = indexed(key);
    set(kind, id, version);
    return JSON.stringify(index.roots.map(([, fingerprint]) => fingerprint));
  };
  const all = [
    root("k", "user", "a", "0000000000000001"),
    root("k", "user", "a", "0000000000000002"),
    root("k", "user", "b", "0000000000000001"),
    root("k", "role", "a", "0000000000000001"),
    root("l", "user", "a", "0000000000000001"),
  ];
  assert.equal(new Set(all).size, all.length);
});

Deno.test("FingerprintIndex.roots leaves out kinds that became empty", () => {
  const { index, set } = indexed("k");
  set("user", "a", "0000000000000001");
  index.delete("user", "a");
  assert.deepEqual(index.roots, []);
});
