import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../base/mod.ts";
import { DATABASE_FILE, LOCK_FILE, setDatabaseAside } from "./database_files.ts";
import { openKvStore } from "./kv_store.ts";
import { StoreError } from "./store.ts";

const ROW = { key: ["a"], value: Uint8Array.of(1) };

Deno.test("openKvStore() refuses a database that was emptied, and says how to go on", () =>
  inFolder(async ({ dataDir, path }) => {
    await begin(dataDir);
    await Deno.truncate(path);
    for (const _ of ["once", "and again"]) {
      await assert.rejects(openKvStore({ dataDir }), refusal(path, /it is empty, though it held data.*--reseed/));
    }
    assert.equal((await Deno.stat(path)).size, 0);
  }));

Deno.test("openKvStore() begins with the empty file of a first start that was interrupted, and in an empty folder", () =>
  inFolder(async ({ dataDir, path }) => {
    await Deno.writeFile(path, new Uint8Array());
    await begin(dataDir);
    await Deno.remove(path);
    await Deno.remove(join(dataDir, LOCK_FILE));
    await begin(dataDir);
  }));

Deno.test("openKvStore() refuses a folder whose database is gone, and says how to go on", () =>
  inFolder(async ({ dataDir, path }) => {
    await begin(dataDir);
    await Deno.remove(path);
    for (const _ of ["once", "and again"]) {
      await assert.rejects(
        openKvStore({ dataDir }),
        refusal(path, /it is gone, though .*--reseed.*remove ".*knot.lock"/),
      );
    }
  }));

Deno.test("openKvStore() refuses a killed server's database without its log, every time it is tried", () =>
  inFolder(async ({ dataDir, path }) => {
    await killed(dataDir);
    await Deno.remove(`${path}-wal`);
    for (const _ of ["once", "and again"]) {
      await assert.rejects(openKvStore({ dataDir }), refusal(`${path}-wal`, /is gone, and with it the last writes/));
    }
    await Deno.remove(join(dataDir, LOCK_FILE)); // The way out that the message names.
    await (await openKvStore({ dataDir }))[Symbol.asyncDispose]();
  }));

Deno.test("openKvStore() refuses a log whose database is gone, and one that was torn before its first row", () =>
  inFolder(async ({ dataDir, path }) => {
    await killed(dataDir);
    await Deno.truncate(`${path}-wal`, 100);
    await assert.rejects(openKvStore({ dataDir }), refusal(path, /nothing is left in it/));
    await Deno.writeFile(`${path}-wal`, new Uint8Array());
    await Deno.remove(path);
    await assert.rejects(openKvStore({ dataDir }), refusal(path, /it is gone, only its log/));
  }));

Deno.test("openKvStore() refuses a file whose last page is torn, which SQLite would fill with zeros", () =>
  inFolder(async ({ dataDir, path }) => {
    await begin(dataDir);
    await Deno.truncate(path, (await Deno.stat(path)).size - 1_000);
    await assert.rejects(openKvStore({ dataDir }), refusal(path, /its end is torn off.*--reseed/));
  }));

Deno.test("openKvStore() needs no -shm file, nor a whole one", () =>
  inFolder(async ({ dataDir, path }) => {
    for (const spoil of [() => Deno.remove(`${path}-shm`), () => Deno.truncate(`${path}-shm`, 100)]) {
      await killed(dataDir);
      await spoil();
      await using store = await openKvStore({ dataDir });
      assert.deepEqual(await store.get(ROW.key), ROW.value);
    }
  }));

Deno.test("setDatabaseAside() finds nothing in a folder that is gone, and makes none", () =>
  inFolder(async ({ dataDir: parent }) => {
    const dataDir = join(parent, "gone");
    assert.equal(await setDatabaseAside({ dataDir, clock: systemClock }), undefined);
    await assert.rejects(Deno.stat(dataDir), Deno.errors.NotFound);
  }));

Deno.test("setDatabaseAside() moves the database with its log, and moving it back undoes it", () =>
  inFolder(async ({ dataDir, path }) => {
    await killed(dataDir);
    const clock = { ...systemClock, wallMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
    const aside = await setDatabaseAside({ dataDir, clock });
    assert.equal(aside, `${path}.20260102T030405Z`);
    {
      await using store = await openKvStore({ dataDir });
      assert.equal(await store.get(ROW.key), undefined);
    }
    assert.equal(await setDatabaseAside({ dataDir, clock }), `${path}.20260102T030405Z-2`);
    for (const end of ["", "-wal"]) await Deno.rename(`${aside}${end}`, `${path}${end}`);
    await using store = await openKvStore({ dataDir });
    assert.deepEqual(await store.get(ROW.key), ROW.value);
  }));

Deno.test("setDatabaseAside() moves what is no database, finds nothing in an empty folder, and leaves a running server's", () =>
  inFolder(async ({ dataDir, path }) => {
    assert.equal(await setDatabaseAside({ dataDir, clock: systemClock }), undefined);
    await Deno.writeTextFile(path, "a letter");
    const aside = await setDatabaseAside({ dataDir, clock: systemClock });
    assert.equal(await Deno.readTextFile(aside!), "a letter");
    await using _store = await openKvStore({ dataDir });
    await assert.rejects(setDatabaseAside({ dataDir, clock: systemClock }), /another knot server/);
  }));

/** A store that was opened, written and closed. */
async function begin(dataDir: string): Promise<void> {
  await using store = await openKvStore({ dataDir });
  await store.commit([ROW]);
}

/** The files as `kill -9` leaves them: copied under an open store, which is then closed. */
async function killed(dataDir: string): Promise<void> {
  const copy = await Deno.makeTempDir();
  {
    await using store = await openKvStore({ dataDir });
    await store.commit([ROW]);
    for await (const { name } of Deno.readDir(dataDir)) await Deno.copyFile(join(dataDir, name), join(copy, name));
  }
  for await (const { name } of Deno.readDir(copy)) await Deno.copyFile(join(copy, name), join(dataDir, name));
  await Deno.remove(copy, { recursive: true });
}

function refusal(file: string, pattern: RegExp): (error: Error) => boolean {
  return (error) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.ok(error.message.includes(file), error.message);
    assert.match(error.message, pattern);
    return true;
  };
}

async function inFolder(use: (at: { dataDir: string; path: string }) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  try {
    await use({ dataDir, path: join(dataDir, DATABASE_FILE) });
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}
