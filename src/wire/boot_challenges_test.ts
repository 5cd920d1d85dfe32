import assert from "node:assert/strict";
import { systemEntropy } from "../base/mod.ts";
import { BootChallenges } from "./boot_challenges.ts";

const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const BEN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9);

Deno.test("a nonce can be answered for ten seconds at least and twenty at most, from any time on", () => {
  for (const startMs of [0, 9_999, 123_456]) {
    const time = { nowMs: startMs };
    const challenges = new BootChallenges(systemEntropy, () => time.nowMs);
    const ask = challenges.ask(ANN);
    time.nowMs = startMs + 10_000;
    assert.ok(challenges.isAnswer(ANN, ask));
    time.nowMs = startMs + 20_000;
    assert.ok(!challenges.isAnswer(ANN, ask));
  }
});

Deno.test("a nonce is of one boot and one process", () => {
  const challenges = new BootChallenges(systemEntropy, () => 0);
  assert.ok(challenges.isAnswer(ANN, challenges.ask(ANN)));
  assert.ok(!challenges.isAnswer(BEN, challenges.ask(ANN)));
  assert.ok(!new BootChallenges(systemEntropy, () => 0).isAnswer(ANN, challenges.ask(ANN)));
});
