import assert from "node:assert/strict";
import { whyNoNamespaces } from "../e2e/netns/mod.ts";
import { runChaos } from "../e2e/chaos/mod.ts";

const ROUNDS = 4;
/** Below this the clients were not at work, and the verdict means nothing. */
const ACKNOWLEDGED_MIN = 100;

const whyNot = await whyNoNamespaces();

Deno.test({
  name: `servers that are killed, stopped, cut off and rolled back lose nothing that they acknowledged${
    whyNot === undefined ? "" : ` (skipped: ${whyNot})`
  }`,
  ignore: whyNot !== undefined,
  async fn() {
    // Each run meets other faults: what is found says the seed.
    const seed = Math.floor(Math.random() * 1_000_000);
    const { book, findings, agreedAfterMs } = await runChaos({ rounds: ROUNDS, seed });
    assert.deepEqual(findings, [], `deno task soak chaos --rounds ${ROUNDS} --seed ${seed}`);
    const acknowledged = book.count("acknowledged");
    assert.ok(acknowledged >= ACKNOWLEDGED_MIN, `only ${acknowledged} writes were acknowledged`);
    console.log(`${acknowledged} acknowledged writes were everywhere ${agreedAfterMs} ms after everything was mended`);
  },
});
