import assert from "node:assert/strict";
import { slowStore } from "./slow_store.ts";
import { VirtualClock } from "./virtual_clock.ts";

const row = (name: string) => ({ key: [name], value: new Uint8Array([1]) });

Deno.test("slowStore() loses, in order, what had not reached the disk when the process died", async () => {
  for (const synced of [0, 1, 2]) {
    const clock = new VirtualClock();
    const store = slowStore(clock);
    void store.commit([row("a")]);
    void store.commit([row("b")]);
    assert.equal(store.unsyncedCount, 2);
    store.crash({ synced });
    await clock.run(100);
    assert.deepEqual(store.rows().map(({ key }) => key[0]), ["a", "b"].slice(0, synced));
  }
});

Deno.test("slowStore() answers a commit when it is on the disk, not before", async () => {
  const clock = new VirtualClock();
  const store = slowStore(clock);
  store.weather.commitMs = () => 20;
  let answeredMs: number | undefined;
  void store.commit([row("a")]).then(() => answeredMs = clock.monotonicMs());
  await clock.run(19);
  assert.equal(answeredMs, undefined);
  await clock.run(10);
  assert.equal(answeredMs, 20);
});

Deno.test("slowStore() refuses commits while the disk is full, and takes them again afterwards", async () => {
  const clock = new VirtualClock();
  const store = slowStore(clock);
  store.weather.full = true;
  const refused = assert.rejects(store.commit([row("a")]), /disk is full/);
  await clock.run(5);
  await refused;
  store.weather.full = false;
  void store.commit([row("b")]);
  await clock.run(5);
  assert.deepEqual(store.rows().map(({ key }) => key[0]), ["b"]);
});
