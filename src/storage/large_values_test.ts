import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { rowKey, splitRow } from "./kv_layout.ts";
import { LargeValues } from "./large_values.ts";

const key = ["large"];
const value = new Uint8Array(130_000).fill(1);

Deno.test("LargeValues keeps what a row points to, also when the commit had been reported as failed", async () => {
  using kv = await Deno.openKv(":memory:");
  const large = new LargeValues(kv);
  const generation = await large.write(key, value);
  await kv.set(rowKey(key), splitRow(generation)); // It came through after all: nobody called committed().
  strictEqual(await large.removeGarbage(), 0);
  deepStrictEqual(await large.join(generation), value);

  await kv.delete(rowKey(key));
  large.committed(key, undefined);
  strictEqual(await large.removeGarbage(), 1);
  strictEqual(await large.join(generation), undefined);
  strictEqual(await rowsIn(kv), 0);
});

Deno.test("LargeValues takes up a removal that failed", async () => {
  using kv = await Deno.openKv(":memory:");
  let full = false;
  const large = new LargeValues(failingWrites(kv, () => full));
  await large.write(key, value); // Its commit never comes.
  await large.write(["other"], value);
  full = true;
  await rejects(large.removeGarbage(), /disk is full/);
  await rejects(large.write(key, value), /disk is full/);
  full = false;
  strictEqual(await large.removeGarbage(), 3);
  strictEqual(await rowsIn(kv), 0);
});

Deno.test("LargeValues joins no value whose parts are of another length than announced", async () => {
  using kv = await Deno.openKv(":memory:");
  const generation = await new LargeValues(kv).write(key, value);
  strictEqual(await new LargeValues(kv).join({ ...generation, bytes: 129_999 }), undefined);
  strictEqual(await new LargeValues(kv).join({ ...generation, bytes: 130_001 }), undefined);
});

/** `kv`, whose atomics fail while `fails`. */
function failingWrites(kv: Deno.Kv, fails: () => boolean): Deno.Kv {
  return {
    get: (key: Deno.KvKey) => kv.get(key),
    delete: (key: Deno.KvKey) => kv.delete(key),
    atomic() {
      const atomic = kv.atomic();
      if (fails()) atomic.commit = () => Promise.reject(new Error("database or disk is full"));
      return atomic;
    },
  } as unknown as Deno.Kv;
}

async function rowsIn(kv: Deno.Kv): Promise<number> {
  return (await Array.fromAsync(kv.list({ prefix: [] }))).length;
}
