/** One suite for every store: what holds for Deno KV on disk holds for memory, and the other way round. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  COMMIT_MUTATIONS_MAX,
  memoryStore,
  type Mutation,
  openKvStore,
  type RecordStore,
  type RowKey,
  StoreError,
} from "../../src/storage/mod.ts";

const LARGE_BYTES = 300_000;

const STORES: Record<string, (use: (store: RecordStore) => Promise<void>) => Promise<void>> = {
  async memory(use) {
    await using store = memoryStore();
    await use(store);
  },
  async kv(use) {
    const dataDir = await Deno.makeTempDir();
    try {
      await using store = await openKvStore({ dataDir });
      await use(store);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
};

for (const [name, withStore] of Object.entries(STORES)) {
  const test = (behaviour: string, use: (store: RecordStore) => Promise<void>) =>
    Deno.test(`${name} store ${behaviour}`, () => withStore(use));

  test("has no row that was never committed", async (store) => {
    strictEqual(await store.get(["nothing", "here"]), undefined);
    deepStrictEqual(await rowsOf(store, []), []);
  });

  test("reads back what was committed, the empty value too", async (store) => {
    await store.commit([put(["a", "1"], 1, 2, 3), put(["a", "empty"])]);
    deepStrictEqual(await store.get(["a", "1"]), Uint8Array.of(1, 2, 3));
    deepStrictEqual(await store.get(["a", "empty"]), new Uint8Array());
  });

  test("replaces and removes rows", async (store) => {
    await store.commit([put(["a"], 1), put(["b"], 1)]);
    await store.commit([put(["a"], 2), { key: ["b"] }, { key: ["never was"] }]);
    deepStrictEqual(await rowsOf(store, []), [[["a"], [2]]]);
  });

  test("counts the last of several mutations of one row", async (store) => {
    await store.commit([put(["a"], 1), { key: ["a"] }, put(["a"], 3), put(["b"], 1), { key: ["b"] }]);
    deepStrictEqual(await rowsOf(store, []), [[["a"], [3]]]);
  });

  test("lists the rows that a prefix begins, itself included, in key order", async (store) => {
    const keys = [["a"], ["a", ""], ["a", "b"], ["a", "b", "c"], ["a", "\uffee"], ["a", "\u{1F600}"], ["a\0"], ["ab"], [
      "b",
    ]];
    await store.commit([...keys].reverse().map((key) => put(key, 7)));
    deepStrictEqual((await rowsOf(store, [])).map(([key]) => key), keys);
    deepStrictEqual((await rowsOf(store, ["a"])).map(([key]) => key), keys.slice(0, 6));
    deepStrictEqual((await rowsOf(store, ["a", "b"])).map(([key]) => key), [["a", "b"], ["a", "b", "c"]]);
    deepStrictEqual(await rowsOf(store, ["c"]), []);
  });

  test("lists more rows than one fetch brings", async (store) => {
    const index = (i: number) => String(i).padStart(5, "0");
    await Promise.all(Array.from({ length: 2_500 }, (_, i) => store.commit([put(["many", index(i)], i % 256)])));
    const rows = await rowsOf(store, ["many"]);
    deepStrictEqual(rows.map(([key]) => key[1]), Array.from({ length: 2_500 }, (_, i) => index(i)));
  });

  test("may be changed while it is listed", async (store) => {
    await store.commit(Array.from({ length: 20 }, (_, i) => put(["r", String(i + 10)], i)));
    const seen: string[] = [];
    for await (const { key } of store.list(["r"])) {
      seen.push(key[1]);
      await store.commit([{ key }]);
    }
    strictEqual(seen.length, 20);
    deepStrictEqual(await rowsOf(store, ["r"]), []);
  });

  test("keeps values over the 64 KiB of a Deno KV row whole", async (store) => {
    for (const bytes of [61_440, 61_441, 65_536, 122_880, LARGE_BYTES, 10 * 1024 * 1024]) {
      await store.commit([{ key: ["large"], value: patterned(bytes, 1) }]);
      assertPatterned(await store.get(["large"]), bytes);
    }
    const [row] = await Array.fromAsync(store.list(["large"]));
    assertPatterned(row.value, 10 * 1024 * 1024);
    await store.commit([put(["large"], 5)]);
    deepStrictEqual(await rowsOf(store, []), [[["large"], [5]]]);
    await store.commit([{ key: ["large"], value: patterned(LARGE_BYTES, 2) }]);
    await store.commit([{ key: ["large"] }]);
    deepStrictEqual(await rowsOf(store, []), []);
  });

  test("shows a large value that is being replaced whole, old or new", async (store) => {
    await store.commit([{ key: ["large"], value: patterned(LARGE_BYTES, 0) }]);
    let writing = true;
    const writer = (async () => {
      for (let seed = 1; seed <= 20; seed++) {
        await store.commit([{ key: ["large"], value: patterned(LARGE_BYTES, seed) }]);
      }
      writing = false;
    })();
    while (writing) {
      assertPatterned(await store.get(["large"]), LARGE_BYTES);
      for await (const { value } of store.list([])) assertPatterned(value, LARGE_BYTES);
    }
    await writer;
    strictEqual((await store.get(["large"]))![0], 20);
  });

  test("lists large values that change meanwhile as they were or as they are, and never in part", async (store) => {
    const names = ["a", "b", "c"];
    await store.commit(names.map((name) => ({ key: [name], value: patterned(LARGE_BYTES, 1) })));
    const seen: Array<[string, number]> = [];
    for await (const { key: [name], value } of store.list([])) {
      assertPatterned(value, LARGE_BYTES);
      seen.push([name, value[0]]);
      if (name !== "a") continue;
      await store.commit([{ key: ["b"], value: patterned(LARGE_BYTES, 2) }, { key: ["c"] }]);
      await store.commit([]); // By now the old parts are removed.
    }
    strictEqual(seen.filter(([name]) => name !== "c").length, 2);
  });

  test("commits many middling values, more than one atomic of Deno KV holds", async (store) => {
    const mutations = Array.from({ length: 40 }, (_, i) => ({ key: ["m", String(i)], value: patterned(50_000, i) }));
    await store.commit(mutations);
    for (const { key, value } of mutations) deepStrictEqual(await store.get(key), value);
  });

  test("takes the largest commit there may be, and refuses a larger one whole", async (store) => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, i) => put(["row", `${count}`, `${i}`.repeat(3)], 1));
    await store.commit(rows(COMMIT_MUTATIONS_MAX));
    strictEqual((await rowsOf(store, ["row", `${COMMIT_MUTATIONS_MAX}`])).length, COMMIT_MUTATIONS_MAX);
    await rejects(store.commit(rows(COMMIT_MUTATIONS_MAX + 1)), StoreError);
    deepStrictEqual(await rowsOf(store, ["row", `${COMMIT_MUTATIONS_MAX + 1}`]), []);
  });

  test("refuses keys that it could not give back, with the rest of their commit", async (store) => {
    for (const key of [[], ["half a pair \ud83d"], ["x".repeat(3_000)]]) {
      await rejects(store.commit([put(["neighbour"], 1), { key, value: Uint8Array.of(1) }]), StoreError);
    }
    deepStrictEqual(await rowsOf(store, []), []);
  });

  test("resolves commits in the order of the calls, also the empty ones", async (store) => {
    const order: number[] = [];
    await Promise.all(Array.from({ length: 1_200 }, async (_, i) => {
      const value = i === 50 ? patterned(LARGE_BYTES, i) : Uint8Array.of(i % 256);
      await store.commit(i % 7 === 0 ? [] : [{ key: ["same"], value }, { key: ["own", `${i}`], value }]);
      order.push(i);
    }));
    deepStrictEqual(order, Array.from({ length: 1_200 }, (_, i) => i));
    deepStrictEqual(await store.get(["same"]), Uint8Array.of(1_199 % 256));
  });

  test("keeps what was committed, whatever the caller does with its buffers later", async (store) => {
    const value = Uint8Array.of(1, 2, 3), key = ["k"];
    const committed = store.commit([{ key, value }]);
    value.fill(9);
    key[0] = "other";
    await committed;
    (await store.get(["k"]))?.fill(8);
    deepStrictEqual(await rowsOf(store, []), [[["k"], [1, 2, 3]]]);
  });

  test("refuses work after it was closed, and may be closed twice", async (store) => {
    const last = store.commit([put(["a"], 1)]);
    await store[Symbol.asyncDispose]();
    await last; // What was called before is finished first.
    await store[Symbol.asyncDispose]();
    await rejects(store.commit([put(["a"], 2)]), StoreError);
    await rejects(store.get(["a"]), StoreError);
    await rejects(rowsOf(store, []), StoreError);
  });

  test("agrees with a plain map under any commits", async (store) => {
    const part = fc.constantFrom("", "a", "b", "a\0", "\uffee", "\u{1F600}");
    const mutation = fc.record({
      key: fc.array(part, { minLength: 1, maxLength: 3 }),
      value: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
    });
    const model = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(mutation, { maxLength: 6 }), { maxLength: 6 }), async (commits) => {
        await Promise.all(
          commits.map((mutations) =>
            store.commit(mutations.map(({ key, value }) => value === undefined ? { key } : put(key, value)))
          ),
        );
        for (const { key, value } of commits.flat()) {
          if (value === undefined) model.delete(JSON.stringify(key));
          else model.set(JSON.stringify(key), value);
        }
        const rows = await rowsOf(store, []);
        deepStrictEqual(new Map(rows.map(([key, [value]]) => [JSON.stringify(key), value])), model);
      }),
      { numRuns: 40, seed: 20261122 },
    );
  });
}

function put(key: RowKey, ...bytes: number[]): Mutation {
  return { key, value: Uint8Array.from(bytes) };
}

async function rowsOf(store: RecordStore, prefix: RowKey): Promise<Array<[RowKey, number[]]>> {
  return (await Array.fromAsync(store.list(prefix))).map(({ key, value }) => [key, [...value]]);
}

/** Bytes that tell a mixture of two values apart: each holds the seed, at every place. */
function patterned(bytes: number, seed: number): Uint8Array {
  return new Uint8Array(bytes).fill(seed);
}

function assertPatterned(value: Uint8Array | undefined, bytes: number): void {
  ok(value);
  strictEqual(value.length, bytes);
  ok(value.every((byte) => byte === value[0]), "the value is a mixture of two commits");
}
