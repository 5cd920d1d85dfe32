import assert from "node:assert/strict";
import type { Status } from "../membership/mod.ts";
import { SyncWatch } from "./sync_watch.ts";

const STATUS: Omit<Status, "wallMs"> = {
  incarnation: 0,
  membersFingerprint: "",
  roots: [],
  recordCount: 1,
  floor: "",
  horizon: "",
  agreedSet: "",
  agreedAt: "",
};

/** When, in seconds, a watch asks for a comparison with a member whose roots differ in every second of `seconds`. */
function asked(syncs: SyncWatch, fromS: number, toS: number, { quietMs = 0 } = {}): number[] {
  const times: number[] = [];
  for (let second = fromS; second <= toS; second++) {
    const nowMs = second * 1_000;
    const status = { ...STATUS, wallMs: nowMs };
    if (syncs.heard("other", status, { bootId: "boot", equal: false, quietMs, nowMs })) times.push(second);
  }
  return times;
}

Deno.test("SyncWatch looks ever more rarely into roots that differ under a stream of writes", () => {
  const syncs = new SyncWatch();
  assert.deepEqual(asked(syncs, 0, 200), [0, 3, 9, 21, 45, 93, 153]);
});

Deno.test("SyncWatch looks soon again when something was lost, and at once when nothing moves", () => {
  const syncs = new SyncWatch();
  asked(syncs, 0, 50);
  assert.deepEqual(asked(syncs, 51, 80), []);
  syncs.lost("other");
  assert.deepEqual(asked(syncs, 81, 86), [81]);
  assert.deepEqual(asked(syncs, 87, 88, { quietMs: 250 }), [87, 88]);
});
