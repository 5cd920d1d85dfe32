import assert from "node:assert/strict";
import { silentLog } from "../../tests/fakes/silent_log.ts";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { Strangers, STRANGERS_MAX, STRANGERS_PER_ADDRESS_MAX } from "./strangers.ts";
import { PROOF_TIMEOUT_MS } from "./transport.ts";

function setUp() {
  const clock = new VirtualClock(0);
  const log = silentLog();
  return { clock, log, strangers: new Strangers({ clock, log }) };
}

Deno.test("Strangers drops a connection that did not prove itself in time, and no other", () => {
  const { clock, strangers } = setUp();
  const dropped: string[] = [];
  const proved = strangers.enter("10.0.0.1", () => dropped.push("proved"))!;
  strangers.enter("10.0.0.1", (reason) => dropped.push(reason));
  proved.leave();
  proved.leave();
  clock.advance(PROOF_TIMEOUT_MS);
  assert.deepEqual(dropped, ["the peer did not prove the cluster key within 5 s"]);
  assert.equal(strangers.count, 0);
  assert.equal(clock.timers, 0);
});

Deno.test("Strangers refuses an address with too many, until one of them leaves", () => {
  const { strangers } = setUp();
  const places = Array.from({ length: STRANGERS_PER_ADDRESS_MAX }, () => strangers.enter("10.0.0.1", () => {})!);
  assert.equal(strangers.enter("10.0.0.1", () => {}), undefined);
  assert.ok(strangers.enter("10.0.0.2", () => {}));
  places[0].leave();
  assert.ok(strangers.enter("10.0.0.1", () => {}));
});

Deno.test("Strangers counts an IPv6 host by its /64, however the address is written", () => {
  const { strangers } = setUp();
  for (let i = 0; i < STRANGERS_PER_ADDRESS_MAX; i++) strangers.enter(`2001:db8::${i + 1}`, () => {});
  assert.equal(strangers.enter("2001:db8:0:0:ffff::1", () => {}), undefined);
  assert.ok(strangers.enter("2001:db8:0:1::1", () => {}));
});

Deno.test("Strangers makes room for an honest newcomer by closing the oldest, so that a flood cannot lock it out", () => {
  const { log, strangers } = setUp();
  const dropped: number[] = [];
  for (let i = 0; i < STRANGERS_MAX; i++) strangers.enter(`10.0.${i >> 4}.1`, () => dropped.push(i));
  assert.ok(strangers.enter("192.0.2.1", () => {}));
  assert.deepEqual(dropped, [0]);
  assert.equal(strangers.count, STRANGERS_MAX);
  for (let i = 0; i < 100; i++) strangers.enter(`192.0.3.${i}`, () => {});
  assert.equal(log.lines.length, 1, "a flood of connections is no flood of lines");
});
