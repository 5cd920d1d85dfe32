import assert from "node:assert/strict";
import fc from "fast-check";
import { REPLAY_WINDOW_PACKETS, ReplayWindow } from "./replay_window.ts";

Deno.test("each counter passes once, in any order inside the window, as a list of all seen would have it", () => {
  const jump = fc.oneof(fc.integer({ min: -1200, max: 1200 }), fc.integer({ min: -5, max: 5 }));
  fc.assert(fc.property(fc.nat(2 ** 40), fc.array(jump, { maxLength: 300 }), (start, jumps) => {
    const window = new ReplayWindow(start);
    const seen = new Set<number>();
    let greatest = start - 1;
    let counter = start;
    for (const by of jumps) {
      counter = Math.max(0, counter + by);
      const isSeen = counter < start || counter <= greatest - REPLAY_WINDOW_PACKETS || seen.has(counter);
      assert.equal(window.seen(counter), isSeen);
      if (isSeen) continue;
      window.mark(counter);
      seen.add(counter);
      greatest = Math.max(greatest, counter);
    }
  }));
});

Deno.test("everything before the start counts as seen", () => {
  const window = new ReplayWindow(5000);
  assert.equal(window.seen(4999), true);
  assert.equal(window.seen(5000), false);
});

Deno.test("a leap over the whole window forgets what was before it", () => {
  const window = new ReplayWindow();
  window.mark(3);
  window.mark(3 + 2 ** 33);
  assert.equal(window.seen(3), true, "too old to know");
  assert.equal(window.seen(2 ** 33), false);
  assert.equal(window.seen(3 + 2 ** 33), true);
});
