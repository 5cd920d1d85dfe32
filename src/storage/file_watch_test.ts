import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { type Clock, silentLogger, systemClock } from "../base/mod.ts";
import { DATABASE_FILE } from "./database_files.ts";
import { FileWatch } from "./file_watch.ts";
import { openKvStore } from "./kv_store.ts";
import { StoreError } from "./store.ts";

Deno.test("FileWatch.look() tells of a file that is gone, or another one, until the first is back", () =>
  inFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.writeTextFile(path, "first");
    const errors: string[] = [];
    const log = { ...silentLogger, error: (message: string) => void errors.push(message) };
    using watch = await FileWatch.of([path], { clock: systemClock, log });
    await watch.look();
    strictEqual(watch.problem, undefined);
    await Deno.rename(path, `${path}.away`);
    await watch.look();
    match(watch.problem!, /was removed or replaced/);
    await Deno.writeTextFile(path, "second");
    await watch.look();
    match(watch.problem!, /was removed or replaced/);
    strictEqual(errors.length, 1, "it is said once");
    await Deno.rename(`${path}.away`, path);
    await watch.look();
    strictEqual(watch.problem, undefined);
  }));

Deno.test("FileWatch.look() takes a log that is made later for the right one", () =>
  inFolder(async (folder) => {
    const path = join(folder, "log");
    using watch = await FileWatch.of([path], { clock: systemClock, log: silentLogger });
    await Deno.writeTextFile(path, "made at the first write");
    await watch.look();
    strictEqual(watch.problem, undefined);
    await Deno.remove(path);
    await watch.look();
    match(watch.problem!, /was removed/);
  }));

Deno.test("KvStore.commit() takes nothing any more once the folder was removed; what is read stays readable", () =>
  inFolder(async (folder) => {
    const dataDir = join(folder, "data");
    const looks: Array<() => unknown> = [];
    const clock: Clock = {
      ...systemClock,
      after: (delayMs, callback) => {
        if (delayMs < 5_000) return systemClock.after(delayMs, callback);
        looks.push(callback);
        return () => {};
      },
    };
    await using store = await openKvStore({ dataDir, clock });
    let troubles = 0;
    store.onTrouble!(() => void troubles++);
    await store.commit([{ key: ["a"], value: Uint8Array.of(1) }]);
    await looks.at(-1)!();
    await store.commit([{ key: ["b"], value: Uint8Array.of(2) }]);
    await Deno.remove(dataDir, { recursive: true });
    await looks.at(-1)!();
    strictEqual(troubles, 1, "whoever watches the store hears of it before anybody writes");
    await rejects(store.commit([{ key: ["c"], value: Uint8Array.of(3) }]), (error: Error) => {
      ok(error instanceof StoreError);
      ok(error.message.includes(join(dataDir, DATABASE_FILE)) && /Stop this server/.test(error.message), error.message);
      return true;
    });
    deepStrictEqual(await store.get(["b"]), Uint8Array.of(2));
  }));

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "knot-file-watch-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
