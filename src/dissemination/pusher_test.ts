import assert from "node:assert/strict";
import { type CancelTimer, seededRandom } from "../base/mod.ts";
import type { PushMessage } from "./message.ts";
import { Pusher } from "./pusher.ts";

const PACKED_BYTES = 400;

/** A pusher with one other member, on a clock that the test moves. */
function pusherBench() {
  const timers: Array<{ atMs: number; run: () => void }> = [];
  const sent: Array<{ channel: string; message: Extract<PushMessage, { kind: "push" }>; atMs: number }> = [];
  const lost: string[] = [];
  let nowMs = 0;
  const pusher = new Pusher({
    random: seededRandom(1),
    packetBytesMax: 900,
    nowMs: () => nowMs,
    after(delayMs, run): CancelTimer {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
    },
    send: (_to, channel, message) => {
      if (message.kind === "push") sent.push({ channel, message, atMs: nowMs });
    },
    lineage: () => "lineage",
    packed: () => new Uint8Array(PACKED_BYTES),
    targets: () => ["other"],
    takesPackets: () => true,
    isReached: () => true,
    timeoutMs: () => 20,
    copied: () => {},
    lost: (id) => lost.push(id),
  });
  const write = (...ids: string[]) => {
    pusher.push(ids.map((id) => ["group", id] as const), 1);
    pusher.flush();
  };
  const passTo = (ms: number) => {
    for (;;) {
      const next = timers.filter(({ atMs }) => atMs <= ms).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      nowMs = Math.max(nowMs, next.atMs);
      next.run();
      pusher.flush();
    }
    nowMs = ms;
  };
  const ack = (...sequences: number[]) => {
    pusher.acked("other", sequences);
    pusher.flush();
  };
  return { pusher, sent, lost, write, passTo, ack };
}

Deno.test("Pusher sends a single write at once, and joins what comes until its answer", () => {
  const { sent, write, passTo, ack } = pusherBench();
  write("a");
  assert.equal(sent.length, 1);
  passTo(3);
  write("b");
  write("c");
  assert.equal(sent.length, 1);
  ack(sent[0].message.sequence);
  assert.deepEqual(sent.map(({ message }) => message.records.length), [1, 2]);
});

Deno.test("Pusher waits for an answer no longer than its pace, and not at all with much", () => {
  const { sent, write, passTo } = pusherBench();
  write("a");
  write("b");
  passTo(14);
  assert.equal(sent.length, 1);
  passTo(15);
  assert.deepEqual(sent.map(({ atMs }) => atMs), [0, 15]);
  write(...Array.from({ length: 100 }, (_, at) => `many-${at}`));
  assert.equal(sent[2].message.records.length, 100);
});

Deno.test("Pusher gives a member that answers late more time before it repeats anything", () => {
  const { sent, write, passTo, ack } = pusherBench();
  const answerMs = 400;
  write("first");
  passTo(answerMs);
  assert.deepEqual(sent.map(({ channel }) => channel), ["packet", "stream"]);
  for (let at = 1; at < 20; at++) {
    ack(sent.at(-1)!.message.sequence);
    passTo(1_000 * at);
    write(`write-${at}`);
    passTo(1_000 * at + answerMs);
  }
  assert.deepEqual(sent.slice(-5).map(({ channel }) => channel), Array(5).fill("packet"));
});

Deno.test("Pusher says what it leaves to reconciliation", () => {
  const { lost, write, passTo } = pusherBench();
  write("a");
  passTo(500);
  assert.deepEqual(lost, []);
  passTo(6_000);
  assert.deepEqual(lost, ["other"]);
});

Deno.test("Pusher.tell() tells those that held the same, but not who sent it", () => {
  const { pusher, sent } = pusherBench();
  pusher.tell(["other", "sender"], [["group", "a"]], { from: "sender" });
  pusher.flush();
  assert.equal(sent.length, 1);
});
