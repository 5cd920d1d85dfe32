import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { seededRandom, shuffled, systemEntropy } from "./random.ts";

const DRAWS = 20_000;

Deno.test("seededRandom() repeats itself for one seed, and differs for another", () => {
  const drawn = (seed: number) => Array.from({ length: 50 }, seededRandom(seed).uint32);
  deepStrictEqual(drawn(7), drawn(7));
  notDeepStrictEqual(drawn(7), drawn(8));
});

Deno.test("seededRandom() stays within its bounds, and reaches all of them evenly", () => {
  const random = seededRandom(1);
  const counts = new Array(10).fill(0);
  for (let i = 0; i < DRAWS; i++) {
    counts[random.below(10)]++;
    const float = random.float();
    ok(float >= 0 && float < 1);
  }
  strictEqual(counts.length, 10);
  for (const count of counts) ok(Math.abs(count - DRAWS / 10) < DRAWS / 100, `uneven: ${counts}`);
  strictEqual(random.below(1), 0);
});

Deno.test("shuffled() gives every order alike, and leaves its argument as it is", () => {
  const items = [1, 2, 3];
  const random = seededRandom(2);
  const counts = new Map<string, number>();
  for (let i = 0; i < DRAWS; i++) {
    const order = shuffled(items, random).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  deepStrictEqual(items, [1, 2, 3]);
  strictEqual(counts.size, 6);
  for (const count of counts.values()) ok(Math.abs(count - DRAWS / 6) < DRAWS / 60, `uneven: ${[...counts]}`);
});

Deno.test("systemEntropy() gives fresh bytes of the asked length", () => {
  strictEqual(systemEntropy(16).length, 16);
  notDeepStrictEqual(systemEntropy(16), systemEntropy(16));
});
