import assert from "node:assert/strict";
import { PushAcks } from "./push_acks.ts";

Deno.test("PushAcks answers together what was stored together, each by the way it came", () => {
  const sent: unknown[] = [];
  const acks = new PushAcks((...told) => sent.push(told));
  acks.add("one", "packet", 1);
  acks.add("one", "stream", 2);
  acks.add("two", "packet", 9);
  acks.add("one", "packet", 3);
  assert.deepEqual(sent, []);
  acks.flush();
  assert.deepEqual(sent, [["one", "packet", [1, 3]], ["one", "stream", [2]], ["two", "packet", [9]]]);
  acks.flush();
  assert.equal(sent.length, 3);
});

Deno.test("PushAcks never names more in one answer than a packet holds", () => {
  const counts: number[] = [];
  const acks = new PushAcks((_to, _channel, sequences) => counts.push(sequences.length));
  for (let sequence = 0; sequence < 300; sequence++) acks.add("one", "packet", sequence);
  acks.flush();
  assert.deepEqual(counts, [256, 44]);
});
