import assert from "node:assert/strict";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { type StoreState, StoreWatch } from "./store_watch.ts";

/** A watch over a disk that is `full` or not. */
function bench() {
  const clock = new VirtualClock();
  const disk = { full: true, trials: 0 };
  const told: StoreState["kind"][] = [];
  const watch = new StoreWatch({
    clock,
    trial: () => {
      disk.trials++;
      return disk.full ? Promise.reject(new Error("database or disk is full")) : Promise.resolve();
    },
    changed: ({ kind }) => told.push(kind),
  });
  return { clock, disk, told, watch };
}

/** Until all that waits for a promise has run. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("StoreWatch says that the store refuses when a trial fails, too, and since when", async () => {
  const { clock, told, watch } = bench();
  watch.failed();
  await settled();
  assert.deepEqual(watch.state, { kind: "refusing", reason: "database or disk is full", sinceMs: clock.wallMs() });
  assert.deepEqual(told, ["refusing"]);
});

Deno.test("StoreWatch takes a commit that failed by itself for no fault of the disk", async () => {
  const { disk, told, watch } = bench();
  disk.full = false;
  watch.failed();
  await settled();
  assert.equal(watch.state.kind, "writable");
  assert.deepEqual(told, []);
});

Deno.test("StoreWatch notices by itself that there is room again, with one trial each 5 s", async () => {
  const { clock, disk, told, watch } = bench();
  for (let write = 0; write < 100; write++) watch.failed();
  await settled();
  clock.advance(5_000);
  await settled();
  assert.equal(disk.trials, 2);
  disk.full = false;
  clock.advance(5_000);
  await settled();
  assert.equal(watch.state.kind, "writable");
  assert.deepEqual(told, ["refusing", "writable"]);
  clock.advance(60_000);
  await settled();
  assert.equal(disk.trials, 3, "nothing is tried while all is well");
});

Deno.test("StoreWatch needs no trial where a commit got through, and tries nothing after the stop", async () => {
  const { clock, disk, watch } = bench();
  watch.failed();
  await settled();
  watch.succeeded();
  assert.equal(watch.state.kind, "writable");
  watch.failed();
  await settled();
  watch.stop();
  const { trials } = disk;
  clock.advance(60_000);
  await settled();
  assert.equal(disk.trials, trials);
});
