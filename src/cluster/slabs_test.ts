import assert from "node:assert/strict";
import fc from "fast-check";
import { Slabs } from "./slabs.ts";

const bytes = fc.tuple(fc.oneof(fc.nat(600), fc.nat(20_000)), fc.nat(255))
  .map(([length, value]) => new Uint8Array(length).fill(value));
const step = fc.record({ op: fc.constantFrom("add", "replace", "replace", "remove"), bytes, which: fc.nat(1_000) });

Deno.test("Slabs keep each record's bytes through any adding, replacing and removing", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
      const slabs = new Slabs();
      const model = new Map<number, Uint8Array>();
      const views: Array<{ view: Uint8Array; bytes: Uint8Array }> = [];
      for (const { op, bytes, which } of steps) {
        const number = [...model.keys()][which % Math.max(1, model.size)];
        if (op === "add" || number === undefined) {
          const added = slabs.add(bytes);
          assert(!model.has(added));
          model.set(added, bytes);
        } else if (op === "replace") {
          slabs.replace(number, bytes);
          model.set(number, bytes);
        } else {
          slabs.remove(number);
          model.delete(number);
        }
        if (model.has(number)) views.push({ view: slabs.bytes(number), bytes: model.get(number)! });
      }
      for (const [number, bytes] of model) assert.deepEqual(slabs.bytes(number), bytes);
      for (const { view, bytes } of views) assert.deepEqual(view, bytes, "what was given changed afterwards");
    }),
    { numRuns: 50 },
  );
});

Deno.test("Slabs take little more than twice of what they keep, however often it is replaced", () => {
  const slabs = new Slabs();
  const numbers = Array.from({ length: 1_000 }, () => slabs.add(new Uint8Array(400)));
  for (let round = 0; round < 20; round++) {
    for (const number of numbers) if (number % 7 !== round % 7) slabs.replace(number, new Uint8Array(400 + round));
  }
  const buffers = new Set(numbers.map((number) => slabs.bytes(number).buffer));
  const held = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert(held < 2.3 * 1_000 * 420, `${held} bytes`);
});
