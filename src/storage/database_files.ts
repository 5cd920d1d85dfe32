import { join } from "node:path";
import type { Clock } from "../base/mod.ts";
import { holdLockFile, type LockFile } from "./lock_file.ts";
import { StoreError } from "./store.ts";

/** The database in the data folder; SQLite keeps `-wal` and `-shm` files beside it while it is open. */
export const DATABASE_FILE = "knot.db";
/** Held by the process that has the database open. */
export const LOCK_FILE = "knot.lock";

/** SQLite's write-ahead log and its index, in the order in which they are moved after the database itself. */
const COMPANIONS = ["-wal", "-shm"] as const;

/** Every page size of SQLite is a multiple of this one; a shorter rest would be read as if zeros followed it. */
const PAGE_BYTES_MIN = 512;

/** What to do when the file is beyond repair; ends every message about that. */
export const RESEED_WAY_OUT =
  `Put a backup in its place, or start once with "knot server --reseed": it moves the file aside, and the cluster ` +
  `fills this server again`;

/** What to do when the file was taken away from a server that runs; what it still holds goes with its process. */
export const REMOVED_WAY_OUT =
  "Stop this server, put the file or a backup in its place, and start it again; started without any, it joins as a new " +
  "server, and the cluster fills it";

/**
 * Refuses a folder that lost a file since its last server: SQLite would begin with an empty database, or with an old
 * one, and say nothing. A folder in which no server has run is a new one.
 *
 * @param path of the database
 * @returns whether there is a database that has held data
 * @throws {StoreError} naming the file that is missing or empty
 */
export async function refuseLostFiles({ path, lock }: { path: string; lock: LockFile }): Promise<boolean> {
  const [bytes, logBytes] = [await sizeOf(path), await sizeOf(`${path}-wal`)];
  if (bytes === undefined && logBytes !== undefined) {
    throw new StoreError(`Cannot open "${path}": it is gone, only its log "${path}-wal" is left. ${RESEED_WAY_OUT}`);
  }
  if (bytes === undefined && lock.found !== undefined) {
    throw new StoreError(
      `Cannot open "${path}": it is gone, though the last server left it there. ${RESEED_WAY_OUT}; ` +
        `to begin with nothing, remove "${lock.path}"`,
    );
  }
  if (bytes === undefined || (bytes === 0 && lock.found === undefined)) return false; // An interrupted first start is empty.
  if (bytes === 0) throw new StoreError(`Cannot open "${path}": it is empty, though it held data. ${RESEED_WAY_OUT}`);
  if (lock.found === "open" && logBytes === undefined) {
    throw new StoreError(
      `Cannot open "${path}": its log "${path}-wal" is gone, and with it the last writes of a server that was killed. ` +
        `Put it back, or ${lowerFirst(RESEED_WAY_OUT)}; to go on without those writes, remove "${lock.path}"`,
    );
  }
  // With a log beside it the last page may be in there, whole.
  if ((logBytes ?? 0) === 0 && bytes % PAGE_BYTES_MIN > 0) {
    throw new StoreError(`Cannot open "${path}": its end is torn off, or it is no database. ${RESEED_WAY_OUT}`);
  }
  return lock.found !== undefined;
}

/** Whether the write-ahead log lies beside the database: it does while the database is open. */
export async function hasLog(path: string): Promise<boolean> {
  return await sizeOf(`${path}-wal`) !== undefined;
}

/**
 * Moves the database of `dataDir` aside, under a name with the time, whatever its state: nothing is deleted, and moving
 * it back undoes it.
 *
 * @returns where it is now; undefined when there was none
 * @throws {StoreError} if another process holds the folder, or a file cannot be moved
 */
export async function setDatabaseAside({ dataDir, clock }: {
  dataDir: string;
  clock: Clock;
}): Promise<string | undefined> {
  const path = join(dataDir, DATABASE_FILE);
  if (await sizeOf(dataDir) === undefined) return undefined;
  using lock = await holdLockFile({ path: join(dataDir, LOCK_FILE), dataDir, clock });
  const time = new Date(clock.wallMs()).toISOString().replace(/[-:]|\.\d+/g, "");
  const aside = await freeName(`${path}.${time}`);
  const moved: string[] = [];
  // The database goes first: a log without it is noticed at the next start.
  for (const companion of ["", ...COMPANIONS]) {
    if (await sizeOf(path + companion) === undefined) continue;
    await move(path + companion, aside + companion);
    moved.push(aside + companion);
  }
  await lock.note(undefined);
  return moved[0];
}

/** Twice in one second is possible where a supervisor restarts at once. */
async function freeName(name: string): Promise<string> {
  for (let attempt = 1;; attempt++) {
    const candidate = attempt === 1 ? name : `${name}-${attempt}`;
    const taken = await Promise.all(["", ...COMPANIONS].map((companion) => sizeOf(candidate + companion)));
    if (taken.every((bytes) => bytes === undefined)) return candidate;
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(
      `Cannot move "${from}" aside to "${to}": ${reason}. Let the user that runs knot own the folder`,
      { cause },
    );
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
