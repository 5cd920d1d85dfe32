import { SCHEMA_KEY } from "./kv_layout.ts";
import { RESEED_WAY_OUT } from "./database_files.ts";
import { StoreError } from "./store.ts";

/** Brings a file from version `to − 1` to `to`. Must be safe to run again after it was interrupted. */
export interface Migration {
  readonly to: number;
  migrate(kv: Deno.Kv): Promise<void>;
}

/** All migrations in order, one for each version after the first. */
const MIGRATIONS: readonly Migration[] = [
  // Rows with checksums: those without are read as they are, and get one when they are written.
  { to: 2, migrate: () => Promise.resolve() },
];

const FIRST_VERSION = 1;

/**
 * Makes sure that the file has the layout that this program knows: marks an empty file, migrates an older one.
 *
 * @param options `hadData`: the file is known to have held data, so that an empty one has lost it; `readOnly`: an empty or
 * older file is left as it is
 * @throws {StoreError} if the file is from a newer knot, lost what it held, or is a Deno KV file of another program
 */
export async function openSchema({ kv, path, hadData = false, readOnly = false, migrations = MIGRATIONS }: {
  kv: Deno.Kv;
  path: string;
  hadData?: boolean;
  readOnly?: boolean;
  migrations?: readonly Migration[];
}): Promise<void> {
  const newest = migrations.at(-1)?.to ?? FIRST_VERSION;
  const found = await readVersion(kv, path);
  if (found === undefined && hadData) {
    throw new StoreError(
      `Cannot open "${path}": nothing is left in it, though it held data: the file or its log "${path}-wal" is torn. ` +
        RESEED_WAY_OUT,
    );
  }
  if (readOnly && found !== undefined && found <= newest) return;
  if (readOnly && found === undefined) {
    throw new StoreError(`Cannot read "${path}": it is empty. ${RESEED_WAY_OUT}`);
  }
  if (found === undefined) return await writeVersion(kv, newest);
  if (found > newest) {
    throw new StoreError(
      `Cannot open "${path}": it was written by a newer knot (layout ${found}, this one knows ${newest}). ` +
        `Install that version again, or restore a backup made before the upgrade`,
    );
  }
  for (const migration of migrations.filter(({ to }) => to > found)) {
    await migration.migrate(kv);
    await writeVersion(kv, migration.to);
  }
}

async function readVersion(kv: Deno.Kv, path: string): Promise<number | undefined> {
  const { value } = await kv.get(SCHEMA_KEY);
  if (value instanceof Uint8Array) {
    const version = Number(new TextDecoder().decode(value));
    if (Number.isSafeInteger(version) && version >= FIRST_VERSION) return version;
  }
  if (value === null && await isEmpty(kv)) return undefined;
  throw new StoreError(
    `Cannot open "${path}": it is not a knot database. Give the server another folder (--data-dir), or move the file away`,
  );
}

async function writeVersion(kv: Deno.Kv, version: number): Promise<void> {
  await kv.set(SCHEMA_KEY, new TextEncoder().encode(String(version)));
}

async function isEmpty(kv: Deno.Kv): Promise<boolean> {
  for await (const _ of kv.list({ prefix: [] }, { limit: 1 })) return false;
  return true;
}
