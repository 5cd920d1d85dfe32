import assert from "node:assert/strict";
import type { Member } from "../membership/mod.ts";
import { Timers } from "./timers.ts";
import { TroubleWatch } from "./trouble_watch.ts";

/** This server "a" among `names`, with the clock offsets of the others in milliseconds. */
function watching(names: string, offsetsMs: Record<string, number> = {}) {
  const timers = new Timers();
  const lines: string[] = [];
  const tried: string[] = [];
  const members = [...names].map((id) => ({ id, state: "alive", facts: { address: `${id}:1` } })) as Member[];
  let nowMs = 0;
  const watch = new TroubleWatch({
    self: "a",
    nowMs: () => nowMs,
    after: (delayMs, callback) => void timers.at(nowMs + delayMs, callback),
    tryStream: (address) => void tried.push(address),
    member: (id) => members.find((member) => member.id === id),
    members: () => members,
    clockOffsetMs: (id) => offsetsMs[id],
    changed: () => {},
    log: (level, message) => void lines.push(`${level}: ${message}`),
  });
  const run = (untilMs: number) => {
    for (; nowMs < untilMs; nowMs += 1_000) timers.run(nowMs);
    timers.run(nowMs);
  };
  return { watch, lines, tried, members, offsetsMs, run };
}

Deno.test("TroubleWatch tells of a live member that cannot be connected to, once, and when it can again", () => {
  const { watch, lines, tried, run } = watching("abc");
  watch.failed({ address: "b:1" }, "it refused");
  assert.deepEqual(watch.troublesOf("b"), [], "it may be about to die");
  run(5_000);
  assert.deepEqual(tried, ["b:1"]);
  watch.failed({ id: "b", address: "elsewhere:1" }, 'Cannot connect to "elsewhere:1": it timed out');
  watch.failed({ id: "b", address: "elsewhere:1" }, "it timed out");
  assert.deepEqual(watch.troublesOf("b"), ["cannot be connected to: it timed out"]);
  assert.ok(watch.isUnreachable("b"));
  run(36_000);
  assert.deepEqual(tried, ["b:1", "b:1"], "it is tried again, so that its end is noticed");
  watch.connected("b", "b:1");
  watch.connected("b", "b:1");
  run(100_000);
  assert.deepEqual(tried, ["b:1", "b:1"]);
  assert.deepEqual(watch.troublesOf("b"), []);
  assert.deepEqual(lines.map((line) => line.split(":")[0]), ["warn", "info"]);
});

Deno.test("TroubleWatch says nothing of servers that die, of strangers and of itself", () => {
  const { watch, lines, members, run } = watching("abc");
  for (const address of ["b:1", "x:1", "a:1"]) watch.failed({ address }, "it refused");
  run(5_000);
  members[1].state = "suspect";
  for (const address of ["b:1", "x:1", "a:1"]) watch.failed({ address }, "it refused");
  members[1].state = "dead";
  watch.forget("b");
  watch.failed({ address: "b:1" }, "it refused");
  run(60_000);
  assert.deepEqual(lines, []);
  assert.ok(!watch.isUnreachable("b"));
});

Deno.test("TroubleWatch names the disk of a member that refuses writes, until it says otherwise", () => {
  const { watch, lines } = watching("ab");
  watch.said("b", { diskRefuses: true });
  watch.said("b", { diskRefuses: true });
  assert.deepEqual(watch.troublesOf("b"), ["its disk refuses writes"]);
  assert.ok(watch.refusesWrites("b"));
  watch.said("b", {});
  assert.deepEqual(watch.troublesOf("b"), []);
  assert.deepEqual(lines.map((line) => line.split(":")[0]), ["warn", "info"]);
});

Deno.test("TroubleWatch blames our clock where it is off from most, and then not the others'", () => {
  const { watch, lines, offsetsMs } = watching("abc", { b: -5_000, c: -5_400 });
  watch.said("b", {});
  assert.equal(watch.ownClock, "its clock is 5 s ahead of the other servers'");
  assert.deepEqual(watch.troublesOf("b"), []);
  for (const id of "bc") offsetsMs[id] = -1_500;
  watch.said("b", {});
  assert.notEqual(watch.ownClock, undefined, "it is said to be right only when it is well within the bound");
  for (const id of "bc") offsetsMs[id] = -500;
  watch.said("b", {});
  assert.equal(watch.ownClock, undefined);
  assert.deepEqual(lines.map((line) => line.split(":")[0]), ["warn", "info"]);
});

Deno.test("TroubleWatch blames the one whose clock is off from ours, where ours is like most", () => {
  const { watch, lines } = watching("abc", { b: 130_000, c: 20 });
  watch.said("b", {});
  watch.said("c", {});
  assert.deepEqual(watch.troublesOf("b"), ["its clock is 2 min ahead of ours"]);
  assert.deepEqual(watch.troublesOf("c"), []);
  assert.equal(watch.ownClock, undefined);
  assert.deepEqual(lines, []);
});

Deno.test("TroubleWatch finds an advertised address that leads nowhere, though its server connects to us", () => {
  const { watch, tried, run } = watching("ab");
  watch.onlyStreams("b");
  watch.onlyStreams("b");
  assert.deepEqual(tried, ["b:1"]);
  watch.failed({ address: "b:1" }, "it refused");
  watch.connected("b", "10.0.0.9:53122");
  run(5_000);
  watch.failed({ address: "b:1" }, "it refused");
  assert.deepEqual(watch.troublesOf("b"), ["cannot be connected to: it refused"]);
  assert.ok(!watch.isUnreachable("b"), "it is not by datagrams alone that it is reached");
  watch.connected("b", "b:1");
  assert.deepEqual(watch.troublesOf("b"), []);
});
