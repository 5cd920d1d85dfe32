import assert from "node:assert/strict";
import { PINNED_SEEDS } from "./pinned_seeds.ts";
import { runSeed } from "./run_seed.ts";

/** Enough to meet each kind of fault many times, few enough for a test. */
const SEEDS = 24;

for (let seed = 1; seed <= SEEDS; seed++) {
  Deno.test(`simulated cluster: seed ${seed} keeps its promises through faults, and heals`, async () => {
    assert((await runSeed({ seed, minutes: 1 })).acknowledged > 0);
  });
}

for (const { seed, nodes, latecomers, found } of PINNED_SEEDS) {
  Deno.test(`simulated cluster: seed ${seed} does not find again: ${found}`, async () => {
    await runSeed({ seed, nodes, latecomers });
  });
}
