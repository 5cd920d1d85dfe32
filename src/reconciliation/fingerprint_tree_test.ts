import assert from "node:assert/strict";
import fc from "fast-check";
import { FingerprintTree } from "./fingerprint_tree.ts";
import { IdList } from "./id_list_fixture.ts";
import { addHash, emptySum, type Sum } from "./sum.ts";

type Step = { readonly op: "set" | "delete"; readonly id: string; readonly high: number; readonly low: number };

const half = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const id = fc.integer({ min: 0, max: 600 }).map((number) => number.toString(36).padStart(3, "0"));
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom("set", "set", "set", "delete"),
  id,
  high: half,
  low: half,
});

/** The same, kept in a map and added up anew each time. */
class Model {
  readonly entries = new Map<string, { high: number; low: number }>();

  take({ op, id, high, low }: Step): boolean {
    if (op === "delete") return this.entries.delete(id);
    this.entries.set(id, { high, low });
    return true;
  }

  get ids(): string[] {
    return [...this.entries.keys()].sort();
  }

  between(lower: string, upper: string | null): Sum {
    const sum = emptySum();
    for (const [id, { high, low }] of this.entries) {
      if (id >= lower && (upper === null || id < upper)) addHash(sum, high, low);
    }
    return sum;
  }
}

function filled(steps: readonly Step[]): { tree: FingerprintTree; model: Model } {
  const ids = new IdList();
  const tree = new FingerprintTree(ids);
  const model = new Model();
  for (const step of steps) {
    const done = model.take(step);
    if (step.op === "set") tree.set(step.id, { number: ids.numberOf(step.id), high: step.high, low: step.low });
    else assert.equal(tree.delete(step.id), done);
  }
  return { tree, model };
}

const hashOf = ({ high, low }: { high: number; low: number }) => ({ high, low });
const plain = ({ high, low, count }: Readonly<Sum>) => ({ high, low, count });

Deno.test("FingerprintTree sums any range as adding up does, whatever was put in and taken out", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_500, size: "max" }), id, id, (steps, a, b) => {
      const { tree, model } = filled(steps);
      const [lower, upper] = a < b ? [a, b] : [b, a];
      assert.deepEqual(plain(tree.between(lower, upper)), model.between(lower, upper));
      assert.deepEqual(plain(tree.between(lower, null)), model.between(lower, null));
      assert.deepEqual(plain(tree.sum), model.between("", null));
    }),
    { numRuns: 100 },
  );
});

Deno.test("FingerprintTree ranks and selects in text order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_500, size: "max" }), id, (steps, bound) => {
      const { tree, model } = filled(steps);
      const { ids } = model;
      const rank = ids.filter((id) => id < bound).length;
      assert.equal(tree.rank(bound), rank);
      assert.equal(tree.select(rank), ids[rank]);
      assert.equal(tree.select(ids.length), undefined);
      assert.deepEqual([...tree.ids(rank, 100)], ids.slice(rank, rank + 100));
      assert.deepEqual([...tree.entries(0)].map((entry) => [tree.idOf(entry), hashOf(entry)]), [
        ...[...model.entries].sort(([a], [b]) => a < b ? -1 : 1),
      ]);
    }),
    { numRuns: 100 },
  );
});

Deno.test("FingerprintTree finds the number and the hash of what is in it, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_500, size: "max" }), id, (steps, wanted) => {
      const { tree, model } = filled(steps);
      const found = tree.get(wanted);
      assert.deepEqual(found && hashOf(found), model.entries.get(wanted));
      assert.equal(tree.numberOf(wanted), found?.number);
      assert.equal(found && tree.idOf(found), found && wanted);
    }),
    { numRuns: 100 },
  );
});

Deno.test("FingerprintTree stays the same set through ten thousand ids in, over and out again", () => {
  const list = new IdList();
  const tree = new FingerprintTree(list);
  const set = (id: string, high: number, low: number) => tree.set(id, { number: list.numberOf(id), high, low });
  const ids = Array.from({ length: 10_000 }, (_, i) => (i * 7919 % 10_007).toString().padStart(5, "0"));
  for (const id of ids) set(id, 1, 2);
  const before = plain(tree.sum);
  for (const id of ids) set(id, 0xffffffff, 0xfffffff0);
  for (const id of ids) set(id, 1, 2);
  assert.deepEqual(plain(tree.sum), before);
  for (const id of ids) assert(tree.delete(id));
  assert.deepEqual(plain(tree.sum), { high: 0, low: 0, count: 0 });
  assert.equal(tree.select(0), undefined);
});
