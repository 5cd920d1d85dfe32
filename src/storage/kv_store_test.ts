import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { generationKey } from "./kv_layout.ts";
import { DATABASE_FILE, LOCK_FILE } from "./database_files.ts";
import { openKvStore } from "./kv_store.ts";
import { StoreError } from "./store.ts";

const LARGE_BYTES = 200_000;
/** SQLite's, as Deno KV makes its files. */
const PAGE_BYTES = 4_096;

Deno.test("openKvStore() makes a folder and files that only their owner may read", () =>
  inFolder(async (parent) => {
    const dataDir = join(parent, "deep", "data");
    await using store = await openKvStore({ dataDir });
    await store.commit([{ key: ["a"], value: Uint8Array.of(1) }]);
    strictEqual(Deno.statSync(dataDir).mode! & 0o777, 0o700);
    for (const { name } of Deno.readDirSync(dataDir)) {
      strictEqual(Deno.statSync(join(dataDir, name)).mode! & 0o077, 0, `others can open ${name}`);
    }
  }));

Deno.test("openKvStore() gives back what an earlier opening committed", () =>
  inFolder(async (dataDir) => {
    const value = new Uint8Array(LARGE_BYTES).fill(7);
    {
      await using store = await openKvStore({ dataDir });
      await store.commit([{ key: ["a"], value: Uint8Array.of(1) }, { key: ["large"], value }]);
    }
    await using store = await openKvStore({ dataDir });
    deepStrictEqual(await store.get(["a"]), Uint8Array.of(1));
    deepStrictEqual(await store.get(["large"]), value);
  }));

Deno.test("KvStore.list() gives all rows of several pages once, in order, and can be left in between", () =>
  inFolder(async (dataDir) => {
    const name = (i: number) => `${i}`.padStart(4, "0");
    // Two pages, of which the first ends with a row that begins the key of the next one.
    const keys = Array.from({ length: 500 }, (_, i) => i === 250 ? ["many", name(249), "below"] : ["many", name(i)]);
    await using store = await openKvStore({ dataDir });
    await store.commit([...keys, ["other"]].map((key) => ({ key, value: Uint8Array.of(1) })));
    deepStrictEqual((await Array.fromAsync(store.list(["many"]))).map(({ key }) => key), keys);
    await store.commit([{ key: ["many", "last"], value: Uint8Array.of(1) }]);
    strictEqual((await Array.fromAsync(store.list(["many"]))).length, 501);
    for await (const { key } of store.list(["many"])) if (key[1] === name(3)) break; // While the second page is read.
  }));

Deno.test("openKvStore() tells a second opener within a second that the folder is in use, and lets it in afterwards", () =>
  inFolder(async (dataDir) => {
    const first = await openKvStore({ dataDir });
    const startedMs = performance.now();
    await rejects(openKvStore({ dataDir }), (error: Error) => {
      ok(error instanceof StoreError);
      match(error.message, /another knot server \(process \d+\) uses it/);
      ok(error.message.includes(dataDir) && error.message.includes("--data-dir"), error.message);
      return true;
    });
    ok(performance.now() - startedMs < 1_500, "it took too long to say so");
    await first[Symbol.asyncDispose]();
    await (await openKvStore({ dataDir }))[Symbol.asyncDispose]();
  }));

Deno.test("openKvStore() names a file that is not a database, and leaves it as it is", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, DATABASE_FILE);
    await Deno.writeTextFile(path, "a letter to my mother, longer than the header of SQLite".repeat(3));
    await rejects(openKvStore({ dataDir }), namesFile(path, /no database/));
    match(await Deno.readTextFile(path), /^a letter/);
  }));

Deno.test("openKvStore() names a file that is torn", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, DATABASE_FILE);
    {
      await using store = await openKvStore({ dataDir });
      await store.commit(Array.from({ length: 100 }, (_, i) => ({ key: [`${i}`], value: new Uint8Array(2_000) })));
    }
    await Deno.truncate(path, Deno.statSync(path).size / 2);
    await rejects(openKvStore({ dataDir }), namesFile(path, /malformed.*backup/s));
    for (const name of [DATABASE_FILE, LOCK_FILE]) await Deno.remove(join(dataDir, name));
    await (await openKvStore({ dataDir }))[Symbol.asyncDispose](); // The failed opening let go of the lock.
  }));

Deno.test("KvStore.commit() takes nothing any more once the file was found torn", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, DATABASE_FILE);
    const rowAt = (at: number) => ({ key: ["row", String(at).padStart(6, "0")], value: new Uint8Array(500).fill(at) });
    const rows = Array.from({ length: 800 }, (_, at) => rowAt(at));
    {
      await using store = await openKvStore({ dataDir });
      await store.commit(rows);
    }
    const bytes = await Deno.readFile(path);
    const inPage = new TextDecoder("latin1").decode(bytes).indexOf(rowAt(400).key[1]);
    bytes.fill(0x55, inPage - inPage % PAGE_BYTES, inPage - inPage % PAGE_BYTES + PAGE_BYTES);
    await Deno.writeFile(path, bytes);
    await using store = await openKvStore({ dataDir });
    await rejects(store.commit(rows), /malformed.*backup/s);
    await rejects(store.commit([{ key: ["zz"], value: Uint8Array.of(1) }]), /malformed.*backup/s);
  }));

Deno.test("openKvStore() refuses the file of a newer knot, and the Deno KV file of another program", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, DATABASE_FILE);
    using kv = await Deno.openKv(path);
    await kv.set(["schema"], new TextEncoder().encode("999"));
    await rejects(openKvStore({ dataDir }), namesFile(path, /newer knot \(layout 999/));
    await kv.delete(["schema"]);
    await kv.set(["users", "somebody"], { name: "somebody" });
    await rejects(openKvStore({ dataDir }), namesFile(path, /not a knot database/));
  }));

Deno.test("openKvStore() names a data folder that is a file", () =>
  inFolder(async (folder) => {
    const dataDir = join(folder, "taken");
    await Deno.writeTextFile(dataDir, "");
    await rejects(openKvStore({ dataDir }), namesFile(dataDir, /--data-dir/));
  }));

Deno.test("openKvStore() reports rows that it cannot decode instead of passing them on", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, DATABASE_FILE);
    await (await openKvStore({ dataDir }))[Symbol.asyncDispose]();
    const kv = await Deno.openKv(path);
    await kv.set(["row", "strange"], Uint8Array.of(77, 1));
    await kv.set(["row", "text"], "not bytes");
    const huge = JSON.stringify({ id: "x", key: ["huge"], parts: 1e9, bytes: 1e12 });
    await kv.set(["row", "huge"], Uint8Array.of(1, ...new TextEncoder().encode(huge)));
    kv.close();
    await using store = await openKvStore({ dataDir });
    await rejects(store.get(["strange"]), namesFile(path, /unknown format 77/));
    await rejects(store.get(["text"]), namesFile(path, /format/));
    await rejects(store.get(["huge"]), namesFile(path, /format/));
    await rejects(Array.fromAsync(store.list([])), namesFile(path, /format/));
  }));

Deno.test("openKvStore() reports values of which the disk changed a bit, and reads those of the first layout", () =>
  inFolder(async (dataDir) => {
    const path = join(dataDir, DATABASE_FILE);
    {
      await using store = await openKvStore({ dataDir });
      for (const name of ["first", "second"]) {
        await store.commit([{ key: ["small", name], value: new Uint8Array(100) }]);
      }
      await store.commit([{ key: ["large"], value: new Uint8Array(LARGE_BYTES) }]);
    }
    const kv = await Deno.openKv(path);
    await flipBit(kv, ["row", "small", "first"], 50);
    for await (const { key } of kv.list({ prefix: ["part"] }, { limit: 1 })) await flipBit(kv, key, 50);
    await kv.set(["row", "old"], Uint8Array.of(0, 1, 2, 3));
    kv.close();
    await using store = await openKvStore({ dataDir });
    await rejects(
      store.get(["small", "first"]),
      namesFile(path, /row "small\/first" of .*not those that were written.*--reseed/),
    );
    await rejects(store.get(["large"]), namesFile(path, /not those that were written/));
    deepStrictEqual(await store.get(["old"]), Uint8Array.of(1, 2, 3));
    const found: Array<[string, number | undefined]> = [];
    const rows = await Array.fromAsync(store.list([], {
      damaged: (key, _, bytes) => void found.push([key.join("/"), bytes?.length]),
    }));
    deepStrictEqual(rows.map(({ key }) => key.join("/")), ["old", "small/second"]);
    deepStrictEqual(found, [["large", undefined], ["small/first", 105]]);
  }));

Deno.test("openKvStore() removes no large value because the disk changed what announces it", () =>
  inFolder(async (dataDir) => {
    const value = new Uint8Array(LARGE_BYTES).fill(4);
    {
      await using store = await openKvStore({ dataDir });
      await store.commit([{ key: ["large"], value }]);
    }
    const kv = await Deno.openKv(join(dataDir, DATABASE_FILE));
    for await (const { key, value } of kv.list<Uint8Array>({ prefix: ["generation"] })) {
      await flipBit(kv, key, new TextDecoder("latin1").decode(value).indexOf("large"));
    }
    kv.close();
    await using store = await openKvStore({ dataDir });
    deepStrictEqual(await store.get(["large"]), value);
  }));

Deno.test("openKvStore() does not offer a damaged pointer to be moved: its large value would be garbage", () =>
  inFolder(async (dataDir) => {
    {
      await using store = await openKvStore({ dataDir });
      await store.commit([{ key: ["large"], value: new Uint8Array(LARGE_BYTES) }]);
    }
    const kv = await Deno.openKv(join(dataDir, DATABASE_FILE));
    await flipBit(kv, ["row", "large"], 20);
    kv.close();
    {
      await using store = await openKvStore({ dataDir });
      const found: Array<Uint8Array | undefined> = [];
      await Array.fromAsync(store.list([], { damaged: (_key, _reason, bytes) => void found.push(bytes) }));
      deepStrictEqual(found, [undefined]);
    }
    deepStrictEqual(await tables(dataDir), { schema: 1, row: 1, generation: 1, part: 4 });
  }));

Deno.test("a replaced or removed large value leaves nothing behind in the file", () =>
  inFolder(async (dataDir) => {
    {
      await using store = await openKvStore({ dataDir });
      for (let i = 0; i < 3; i++) await store.commit([{ key: ["large"], value: new Uint8Array(LARGE_BYTES).fill(i) }]);
    }
    deepStrictEqual(await tables(dataDir), { schema: 1, row: 1, generation: 1, part: 4 });
    {
      await using store = await openKvStore({ dataDir });
      await store.commit([{ key: ["large"] }]);
    }
    deepStrictEqual(await tables(dataDir), { schema: 1 });
  }));

Deno.test("openKvStore() removes the parts of a commit that never came, and keeps those of the one before", () =>
  inFolder(async (dataDir) => {
    const value = new Uint8Array(LARGE_BYTES).fill(3);
    {
      await using store = await openKvStore({ dataDir });
      await store.commit([{ key: ["large"], value }]);
    }
    const kv = await Deno.openKv(join(dataDir, DATABASE_FILE));
    const orphan = { id: "orphan", key: ["large"], parts: 3, bytes: 150_000 };
    await kv.set(generationKey("orphan"), new TextEncoder().encode(JSON.stringify(orphan)));
    await kv.set(["part", "orphan", 0], new Uint8Array(60_000)); // The process ended before the other two.
    kv.close();
    {
      await using store = await openKvStore({ dataDir });
      deepStrictEqual(await store.get(["large"]), value);
    }
    deepStrictEqual(await tables(dataDir), { schema: 1, row: 1, generation: 1, part: 4 });
  }));

Deno.test("a large value with a missing part is an error, not a shorter value", () =>
  inFolder(async (dataDir) => {
    {
      await using store = await openKvStore({ dataDir });
      await store.commit([{ key: ["large"], value: new Uint8Array(LARGE_BYTES) }]);
    }
    const path = join(dataDir, DATABASE_FILE);
    const kv = await Deno.openKv(path);
    for await (const { key } of kv.list({ prefix: ["part"] }, { limit: 1 })) await kv.delete(key);
    kv.close();
    await using store = await openKvStore({ dataDir });
    await rejects(store.get(["large"]), namesFile(path, /parts of a large value are missing/));
  }));

function namesFile(path: string, pattern: RegExp): (error: Error) => boolean {
  return (error) => {
    ok(error instanceof StoreError, `not a StoreError: ${error}`);
    ok(error.message.includes(path), error.message);
    match(error.message, pattern);
    return true;
  };
}

async function flipBit(kv: Deno.Kv, key: Deno.KvKey, at: number): Promise<void> {
  const { value } = await kv.get<Uint8Array>(key);
  await kv.set(key, value!.map((byte, index) => index === at ? byte ^ 1 : byte));
}

/** Rows in the closed file, by the first part of their key. */
async function tables(dataDir: string): Promise<Record<string, number>> {
  using kv = await Deno.openKv(join(dataDir, DATABASE_FILE));
  const counts: Record<string, number> = {};
  for await (const { key: [table] } of kv.list({ prefix: [] })) {
    counts[String(table)] = (counts[String(table)] ?? 0) + 1;
  }
  return counts;
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
