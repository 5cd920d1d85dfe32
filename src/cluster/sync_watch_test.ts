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

Deno.test("SyncWatch leaves a first word to whoever met the member before, but not for long", () => {
  const first = { bootId: "boot", equal: false, nowMs: 0 };
  const heard = (isLeftToOthers: boolean, quietMs: number) =>
    new SyncWatch().heard("other", { ...STATUS, wallMs: 0 }, { ...first, isLeftToOthers, quietMs });
  assert.deepEqual([heard(false, 0), heard(true, 0), heard(true, 250)], [true, false, false]);
  const syncs = new SyncWatch();
  syncs.heard("other", { ...STATUS, wallMs: 0 }, { ...first, isLeftToOthers: true, quietMs: 0 });
  assert.deepEqual(asked(syncs, 1, 3), [3]);
});

Deno.test("SyncWatch holds a member for alike a while after its last equal roots, but not when it was away", () => {
  const syncs = new SyncWatch();
  const hear = (equal: boolean, nowMs: number) =>
    syncs.heard("other", { ...STATUS, wallMs: nowMs }, { bootId: "boot", equal, quietMs: 0, nowMs });
  hear(true, 0);
  hear(false, 1_000);
  assert.deepEqual([syncs.isAlike("other", 4_999), syncs.isAlike("other", 5_000)], [true, false]);
  hear(true, 6_000);
  syncs.separated("other");
  hear(false, 7_000);
  assert.equal(syncs.isAlike("other", 7_000), false);
});

Deno.test("SyncWatch looks soon again when something was lost, and at once when nothing moves", () => {
  const syncs = new SyncWatch();
  asked(syncs, 0, 50);
  assert.deepEqual(asked(syncs, 51, 80), []);
  syncs.lost("other");
  assert.deepEqual(asked(syncs, 81, 86), [81]);
  assert.deepEqual(asked(syncs, 87, 88, { quietMs: 250 }), [87, 88]);
});
