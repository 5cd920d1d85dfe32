import assert from "node:assert/strict";
import { birthOf } from "./birth.ts";
import { departureOf, renewed } from "./departure.ts";
import { mergeRecords } from "./merge.ts";
import { packRecord } from "./pack.ts";
import { readingMs, readingOf } from "./reading.ts";
import type { RecordState } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { unpackRecord } from "./unpack.ts";
import { applyWrite, type Write } from "./write.ts";

const at = (ms: number) => formatStamp({ ms, counter: 0, node: "a".repeat(32) });

function applied(current: RecordState | undefined, write: Write, ms: number): RecordState {
  const result = applyWrite(current, write, at(ms));
  assert(result.kind === "applied");
  return result.state;
}

const key = { kind: "template_variable", id: "v1" } as const;
const made = applied(undefined, { op: "create", ...key, fields: { name: "n", value: "1" } }, 5);
const rewritten = applied(made, { op: "update", ...key, fields: { name: "m", value: "2" } }, 9);

Deno.test("birthOf() stays the creation when every field was written anew, packed and merged, too", () => {
  assert.equal(birthOf(made), at(5));
  assert.equal(birthOf(rewritten), at(5));
  assert.equal(birthOf(unpackRecord(packRecord(rewritten))), at(5));
  const partly = applied(made, { op: "update", ...key, fields: { name: "o" } }, 7);
  assert.equal(birthOf(mergeRecords(rewritten, partly)), at(5));
  assert.deepEqual(packRecord(mergeRecords(partly, rewritten)), packRecord(mergeRecords(rewritten, partly)));
});

Deno.test("renewed() keeps the contents, and nothing of the old stamps", () => {
  const again = renewed(rewritten, at(20));
  assert.equal(birthOf(again), at(20));
  assert.deepEqual(again.fields.get("value")?.value, rewritten.fields.get("value")?.value);
  const tombstone = applied(made, { op: "delete", ...key }, 6);
  assert.equal(birthOf(unpackRecord(packRecord(tombstone))), at(5), "who hears only of the end knows of the beginning");
  assert.deepEqual([renewed(tombstone, at(20)).deletedAt, birthOf(renewed(tombstone, at(20)))], [at(20), at(5)]);
});

Deno.test("departureOf() is the deletion of a tombstone, and comes well after the expiry of a session", () => {
  assert.equal(departureOf(made), undefined);
  assert.equal(departureOf(applied(made, { op: "delete", ...key }, 6)), readingOf(at(6)));
  const session = (expires: number | string) =>
    applied(undefined, { op: "create", kind: "session", id: "s", fields: { expires_at: expires } }, 5);
  const due = departureOf(session(1_000_000));
  assert(due !== undefined && readingMs(due) > 1_000_000 + 120_000);
  assert.equal(departureOf(session("never")), undefined);
  assert.equal(departureOf(session(-1)), undefined);
  assert.equal(departureOf(session(Infinity)), undefined);
});
