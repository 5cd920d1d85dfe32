import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { SCHEMA_KEY } from "./kv_layout.ts";
import { type Migration, openSchema } from "./schema.ts";
import { StoreError } from "./store.ts";

Deno.test("openSchema() marks an empty file as the newest layout, without migrating anything", async () => {
  using kv = await Deno.openKv(":memory:");
  const done: number[] = [];
  await openSchema({ kv, path: "knot.db", migrations: migrationsTo(3, done) });
  strictEqual(await version(kv), "3");
  deepStrictEqual(done, []);
});

Deno.test("openSchema() runs the migrations that an older file lacks, in order and once", async () => {
  using kv = await Deno.openKv(":memory:");
  const done: number[] = [];
  await openSchema({ kv, path: "knot.db", migrations: [] });
  await openSchema({ kv, path: "knot.db", migrations: migrationsTo(2, done) });
  await openSchema({ kv, path: "knot.db", migrations: migrationsTo(4, done) });
  await openSchema({ kv, path: "knot.db", migrations: migrationsTo(4, done) });
  deepStrictEqual(done, [2, 3, 4]);
  strictEqual(await version(kv), "4");
});

Deno.test("openSchema() takes up a migration that was interrupted", async () => {
  using kv = await Deno.openKv(":memory:");
  await openSchema({ kv, path: "knot.db", migrations: [] });
  const done: number[] = [];
  const migrations = migrationsTo(3, done);
  const failing = [migrations[0], { to: 3, migrate: () => Promise.reject(new Error("planted")) }];
  await rejects(openSchema({ kv, path: "knot.db", migrations: failing }), /planted/);
  await openSchema({ kv, path: "knot.db", migrations });
  deepStrictEqual(done, [2, 3]);
});

Deno.test("openSchema() refuses a version that no knot wrote", async () => {
  for (const mark of ["", "0", "-1", "1.5", "one"]) {
    using kv = await Deno.openKv(":memory:");
    await kv.set(SCHEMA_KEY, new TextEncoder().encode(mark));
    await rejects(openSchema({ kv, path: "knot.db" }), StoreError, mark);
  }
});

function migrationsTo(newest: number, done: number[]): Migration[] {
  return Array.from({ length: newest - 1 }, (_, i) => ({
    to: i + 2,
    migrate() {
      done.push(i + 2);
      return Promise.resolve();
    },
  }));
}

async function version(kv: Deno.Kv): Promise<string> {
  const { value } = await kv.get<Uint8Array>(SCHEMA_KEY);
  return new TextDecoder().decode(value!);
}
