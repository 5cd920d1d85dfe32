import assert from "node:assert/strict";
import { addressKey, AttemptLimiter } from "./attempt_limiter.ts";

Deno.test("take() gives a burst, then one try each refill, and tells how long to wait", () => {
  let nowMs = 0;
  const limiter = new AttemptLimiter({ burst: 3, refillMs: 10_000 }, () => nowMs);
  for (let i = 0; i < 3; i++) assert.equal(limiter.take("a"), 0);
  assert.equal(limiter.take("a"), 10);
  assert.equal(limiter.take("b"), 0, "others have their own");
  nowMs = 9_000;
  assert.equal(limiter.take("a"), 1);
  nowMs = 10_000;
  assert.equal(limiter.take("a"), 0);
  assert.equal(limiter.take("a"), 10);
  nowMs = 1_000_000;
  for (let i = 0; i < 3; i++) assert.equal(limiter.take("a"), 0, "never more than the burst");
  assert.notEqual(limiter.take("a"), 0);
});

Deno.test("giveBack() returns a try, never more than the burst", () => {
  const limiter = new AttemptLimiter({ burst: 1, refillMs: 10_000 }, () => 0);
  limiter.giveBack("a");
  assert.equal(limiter.take("a"), 0);
  limiter.giveBack("a");
  assert.equal(limiter.take("a"), 0);
  assert.notEqual(limiter.take("a"), 0);
});

Deno.test("a flood of keys makes the limiter forget the oldest, not grow", () => {
  const limiter = new AttemptLimiter({ burst: 1, refillMs: 1e9 }, () => 0);
  limiter.take("first");
  for (let i = 0; i < 10_000; i++) limiter.take(`key ${i}`);
  assert.equal(limiter.take("first"), 0, "forgotten");
  assert.notEqual(limiter.take("key 9999"), 0, "remembered");
});

Deno.test("addressKey() takes the /64 of an IPv6 address, however it is written, and IPv4 whole", () => {
  const same = [
    "2001:db8:1:2:3:4:5:6",
    "2001:db8:1:2::9",
    "2001:0DB8:0001:0002:ffff::",
    "2001:db8:1:2:3:4:5:6%eth0",
  ];
  assert.deepEqual([...new Set(same.map(addressKey))], ["2001:db8:1:2::/64"]);
  assert.notEqual(addressKey("2001:db8:1:3::9"), addressKey(same[0]));
  assert.equal(addressKey("::1"), "0:0:0:0::/64");
  assert.equal(addressKey("192.0.2.1"), "192.0.2.1");
  assert.equal(addressKey("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(addressKey(""), "");
});
