import assert from "node:assert/strict";
import { seededRandom } from "../base/mod.ts";
import { FingerprintIndex } from "./fingerprint_index.ts";
import { IdList } from "./id_list_fixture.ts";
import type { ReconciliationMessage } from "./message.ts";
import { type Stored, tagOf } from "./port.ts";
import { Reconciler } from "./reconciler.ts";

const LINEAGE = "lineage";
/** More than a session about little names. */
const MANY = 150;

/** A server "m" to which much has come since it held the same as "x" and "y". */
function reconcilerBench() {
  const sent: Array<{ readonly to: string; readonly message: ReconciliationMessage }> = [];
  const finished: string[] = [];
  const storing: Array<(stored: Stored) => void> = [];
  let nowMs = 0;
  const reconciler = new Reconciler({
    nodeId: "m",
    random: seededRandom(1),
    nowMs: () => nowMs,
    after: () => () => {},
    send: (to, _channel, message) => sent.push({ to, message }),
    takesPackets: () => true,
    timeoutMs: () => 20,
    lineage: () => LINEAGE,
    index: () => new FingerprintIndex(LINEAGE, new IdList()),
    hasLeft: () => false,
    roots: () => undefined,
    packed: () => new Uint8Array(400),
    stampMs: () => 1,
    received: (_from, _records, done) => storing.push(done),
    helpers: () => [],
    finished: (partner) => finished.push(partner),
    log: () => {},
  });
  for (const partner of ["x", "y"]) reconciler.agreed(partner);
  for (let at = 0; at < MANY; at++) reconciler.arrivals.arrived("group", `id-${at}`);
  const mentions = Array.from({ length: MANY }, (_, id) => ({ id, version: 1, stampMs: 1 }));
  return {
    reconciler,
    sent,
    finished,
    tag: tagOf(LINEAGE),
    /** One message more is on disk, or was refused by it. */
    stored: ({ whole = true } = {}) => storing.shift()!({ whole, better: [] }),
    /** "x" sends one of the messages of an answer. */
    answers: ({ of = 0, more = false } = {}) => {
      const { message } = sent.findLast(({ to }) => to === "x")!;
      assert("session" in message);
      const { session } = message;
      const records = [new Uint8Array(400)];
      reconciler.receive("x", { kind: "records", tag: tagOf(LINEAGE), session, of, more, records }, "stream");
    },
    asks: (from: string, session: number) =>
      reconciler.receive(from, { kind: "recent", tag: tagOf(LINEAGE), session, mentions }, "stream"),
    pass: (ms: number) => nowMs += ms,
  };
}

const kinds = (sent: ReadonlyArray<{ readonly to: string; readonly message: ReconciliationMessage }>) =>
  sent.map(({ to, message }) => `${to} ${message.kind}`);

Deno.test("Reconciler begins one session about much at a time, and puts off who begins another", () => {
  const { reconciler, sent, asks } = reconcilerBench();
  reconciler.begin("x", { atOnce: true });
  reconciler.begin("y", { atOnce: true });
  asks("y", 7);
  assert.deepEqual(kinds(sent), ["x recent", "y later"]);
});

Deno.test("Reconciler that was put off has spent nothing: it names the same again", () => {
  const { reconciler, sent, tag, pass } = reconcilerBench();
  reconciler.begin("x", { atOnce: true });
  const { message } = sent[0];
  assert(message.kind === "recent");
  reconciler.receive("x", { kind: "later", tag, session: message.session }, "stream");
  reconciler.receive("x", { kind: "later", tag, session: 12_345 }, "stream");
  pass(1);
  reconciler.begin("x", { atOnce: true });
  assert.deepEqual(kinds(sent), ["x recent", "x recent"]);
  assert(reconciler.hasMuchFor("x"));
});

Deno.test("Reconciler lets what a large session brought reach the others before it compares with them", () => {
  const { reconciler, sent, asks, tag, pass } = reconcilerBench();
  asks("x", 7);
  const end = { first: false, whole: false, more: false, beside: 0, hashBits: 16, spans: [], wanted: [], held: [] };
  reconciler.receive("x", { kind: "compare", tag, session: 7, ...end }, "stream");
  asks("y", 8);
  assert.equal(kinds(sent).at(-1), "y later");
  pass(1_000);
  asks("y", 9);
  assert.equal(kinds(sent).filter((kind) => kind === "y later").length, 1);
  assert(sent.at(-1)!.to === "y");
});

Deno.test("Reconciler has all that its partner had when the last message of the answer is stored", () => {
  const { reconciler, finished, answers, stored } = reconcilerBench();
  reconciler.begin("x", { atOnce: true });
  answers({ of: 3 });
  stored();
  answers({ of: 3 });
  answers({ of: 3 });
  stored();
  assert.deepEqual(finished, []);
  stored();
  assert.deepEqual(finished, ["x"]);
});

Deno.test("Reconciler awaits the records that come beside a comparison, in whatever order", () => {
  for (const recordsFirst of [true, false]) {
    const { reconciler, sent, finished, answers, stored, tag } = reconcilerBench();
    reconciler.begin("x", { atOnce: true });
    const { message } = sent[0];
    assert(message.kind === "recent");
    const { session } = message;
    if (recordsFirst) answers();
    const end = { first: false, whole: false, more: false, hashBits: 16, spans: [], wanted: [], held: [] };
    reconciler.receive("x", { kind: "compare", tag, session, beside: 2, ...end }, "packet");
    if (!recordsFirst) answers();
    stored();
    assert.deepEqual(finished, []);
    answers();
    stored();
    assert.deepEqual(finished, ["x"]);
  }
});

Deno.test("Reconciler begins anew where an answer had no room for all, or the disk refused a part of it", () => {
  for (const { more, whole } of [{ more: true, whole: true }, { more: false, whole: false }]) {
    const { reconciler, sent, finished, answers, stored, pass } = reconcilerBench();
    reconciler.begin("x", { atOnce: true });
    answers({ of: 2, more });
    stored({ whole });
    answers({ of: 2, more });
    stored();
    assert.deepEqual(finished, []);
    pass(60_000);
    reconciler.begin("x", { atOnce: true });
    assert.equal(sent.filter(({ message }) => message.kind !== "records").length, 2);
  }
});

Deno.test("Reconciler does not take what its partner makes of its own records for an answer", () => {
  const { reconciler, finished, answers, stored, tag } = reconcilerBench();
  reconciler.begin("x", { atOnce: true });
  const records = [new Uint8Array(400)];
  reconciler.receive("x", { kind: "records", tag, session: 0, of: 0, more: false, records }, "stream");
  stored();
  assert.deepEqual(finished, []);
  answers({ of: 1 });
  stored();
  assert.deepEqual(finished, ["x"]);
});
