import assert from "node:assert/strict";
import { processClock, ProcessGate } from "./process_gate.ts";
import { VirtualClock } from "./virtual_clock.ts";

function paused() {
  const clock = new VirtualClock();
  const gate = new ProcessGate(clock);
  const heard: string[] = [];
  const own = processClock(clock, gate, () => 0);
  return { clock, gate, heard, own };
}

for (const timersFirst of [true, false]) {
  Deno.test(`ProcessGate.wake() hands on what waited, ${timersFirst ? "timers" : "input"} first`, async () => {
    const { clock, gate, heard, own } = paused();
    own.after(5, () => heard.push("timer"));
    gate.pause();
    gate.packet(10, () => heard.push("packet"));
    await clock.run(30_000);
    assert.deepEqual(heard, []);
    gate.wake({ timersFirst });
    await clock.run(0);
    assert.deepEqual(heard, timersFirst ? ["timer", "packet"] : ["packet", "timer"]);
  });
}

Deno.test("ProcessGate holds no more datagrams for a paused process than its socket buffer does", async () => {
  const { clock, gate, heard } = paused();
  gate.pause();
  for (let i = 0; i < 1_000; i++) gate.packet(1_000, () => heard.push("packet"));
  gate.wake({ timersFirst: true });
  await clock.run(0);
  assert.equal(heard.length, 212);
});

Deno.test("processClock() does not run a timer that was cancelled while it waited for the process to wake", async () => {
  const { clock, gate, heard, own } = paused();
  const cancel = own.after(5, () => heard.push("timer"));
  gate.pause();
  gate.enter("input", cancel);
  await clock.run(10);
  gate.wake({ timersFirst: false });
  await clock.run(0);
  assert.deepEqual(heard, []);
});

Deno.test("ProcessGate.close() lets nothing through any more", async () => {
  const { clock, gate, heard, own } = paused();
  own.after(5, () => heard.push("timer"));
  gate.close();
  gate.packet(1, () => heard.push("packet"));
  await clock.run(10);
  assert.deepEqual(heard, []);
});
