import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openKvStore, type RecordStore } from "./mod.ts";

/** Acknowledged commits after which the writer is killed, one run after the other on the same folder. */
const KILL_AFTER = [3, 150, 400];

Deno.test("kill -9 in the middle of a stream of commits loses nothing acknowledged, and leaves nothing half done", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    for (const killAfter of KILL_AFTER) {
      const acknowledged = await writeUntilKilled(dataDir, killAfter);
      ok(acknowledged.length >= killAfter);
      await using store = await openKvStore({ dataDir });
      await assertAllThere(store, acknowledged);
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

async function assertAllThere(store: RecordStore, acknowledged: readonly number[]): Promise<void> {
  const left = await numbers(store, "left");
  const missing = acknowledged.filter((index) => !left.has(index));
  deepStrictEqual(missing, [], "acknowledged commits are gone");
  deepStrictEqual(await numbers(store, "right"), left, "a commit is there by half");
  const large = await store.get(["large"]);
  ok(large);
  strictEqual(large.length, 150_000);
  ok(large.every((byte) => byte === large[0]), "a large value is a mixture of two commits");
}

/** Indexes in the names of the rows of `table`, each checked against its value. */
async function numbers(store: RecordStore, table: string): Promise<Set<number>> {
  const found = new Set<number>();
  for await (const { key: [_, name], value } of store.list([table])) {
    strictEqual(new DataView(value.buffer, value.byteOffset).getUint32(0, true), Number(name));
    found.add(Number(name));
  }
  return found;
}

/** Starts the writer, kills it after so many acknowledgements, and returns all that it had printed by then. */
async function writeUntilKilled(dataDir: string, killAfter: number): Promise<number[]> {
  const config = join(import.meta.dirname!, "../../deno.json");
  const writer = join(import.meta.dirname!, "kill_test_writer.ts");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", `--config=${config}`, writer, dataDir],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let printed = "";
  let killed = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    if (!killed && printed.split("\n").length > killAfter) {
      child.kill("SIGKILL");
      killed = true;
    }
  }
  strictEqual((await child.status).signal, "SIGKILL");
  return printed.split("\n").slice(0, -1).map(Number); // The last line may be cut off.
}
