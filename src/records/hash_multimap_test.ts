import assert from "node:assert/strict";
import fc from "fast-check";
import { HashMultimap } from "./hash_multimap.ts";

/** Few of them, and many in one place of the table: so they meet. */
const hash = fc.tuple(fc.nat(3), fc.nat(6)).map(([high, low]) => high * 2 ** 40 + low);
const steps = fc.array(fc.record({ adds: fc.boolean(), hash, number: fc.nat(5) }), { maxLength: 400, size: "max" });

Deno.test("HashMultimap holds what was put in and not taken out, under hashes that meet", () => {
  fc.assert(fc.property(steps, hash, (steps, wanted) => {
    const map = new HashMultimap();
    const model = new Map<number, number[]>();
    for (const { adds, hash, number } of steps) {
      const numbers = model.get(hash) ?? [];
      model.set(hash, numbers);
      if (adds) {
        map.add(hash, number);
        numbers.push(number);
      } else {
        map.delete(hash, number);
        if (numbers.includes(number)) numbers.splice(numbers.indexOf(number), 1);
      }
    }
    const held = model.get(wanted) ?? [];
    assert.deepEqual([...map.under(wanted)].sort(), held.toSorted());
    assert.equal(map.has(wanted), held.length > 0);
    assert.equal(map.has(wanted, 3), held.includes(3));
    const surplus = [...model.values()].reduce((sum, { length }) => sum + Math.max(0, length - 1), 0);
    assert.equal(map.surplus, surplus);
  }));
});

Deno.test("HashMultimap finds ten thousand numbers, and none when all are taken out again", () => {
  const map = new HashMultimap();
  const hashOf = (number: number) => Math.imul(number, 0x9e3779b1) >>> 0;
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  for (const number of numbers) map.add(hashOf(number), number);
  for (const number of numbers) assert.deepEqual([...map.under(hashOf(number))], [number]);
  for (const number of numbers) map.delete(hashOf(number), number);
  for (const number of numbers) assert.equal(map.has(hashOf(number)), false);
});
