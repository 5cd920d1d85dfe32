import assert from "node:assert/strict";
import { defaultMembershipConfig as config } from "./preset.ts";
import { suspicionTimeoutMs } from "./suspicion.ts";

Deno.test("suspicionTimeoutMs() falls from the greatest to the least with confirmations", () => {
  const timeouts = [0, 1, 2, 3, 4].map((confirmations) => suspicionTimeoutMs({ members: 100, confirmations, config }));
  const least = config.suspicionFactor * 2 * config.probePeriodMs;
  assert.equal(timeouts[0], least * config.suspicionMaxFactor);
  assert.equal(timeouts[3], least);
  assert.equal(timeouts[4], least, "more confirmations than needed change nothing");
  assert(timeouts[0] > timeouts[1] && timeouts[1] > timeouts[2] && timeouts[2] > timeouts[3]);
});

Deno.test("suspicionTimeoutMs() does not wait for confirmations that nobody could give", () => {
  assert.equal(
    suspicionTimeoutMs({ members: 2, confirmations: 0, config }),
    config.suspicionFactor * config.probePeriodMs,
  );
});

Deno.test("suspicionTimeoutMs() grows with the logarithm of the cluster", () => {
  const at = (members: number) => suspicionTimeoutMs({ members, confirmations: 3, config });
  assert.equal(at(1_000) - at(100), at(100) - at(10));
});
