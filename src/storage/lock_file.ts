import type { Clock } from "../base/mod.ts";
import { StoreError } from "./store.ts";

/** How long a second process waits for the first to go away, before it says so. A restart may overlap a little. */
const LOCK_WAIT_MS = 800;
const LOCK_RETRY_MS = 50;
/** The file holds a process id and a word; more was written by nobody we know. */
const LOCK_FILE_BYTES_MAX = 64;

/**
 * What the last process left behind in the folder: `open`, a database with a write-ahead log beside it, since it was
 * killed; `closed`, a database alone; undefined where that is not known.
 */
export type DatabaseState = "open" | "closed" | undefined;

/** A held lock; disposing lets the next process in. */
export interface LockFile extends Disposable {
  readonly path: string;
  /** As it was found. */
  readonly found: DatabaseState;
  /** Notes, for the next process, how the database is from now on. Never rejects: without the note it only knows less. */
  note(state: DatabaseState): Promise<void>;
}

/**
 * Takes the exclusive lock (flock) on the file at `path`, made when missing, and writes this process's id into it. The
 * system lets go of the lock when the process ends, however it ends.
 *
 * @throws {StoreError} if another process holds it for {@link LOCK_WAIT_MS}
 */
export async function holdLockFile({ path, dataDir, clock }: {
  path: string;
  dataDir: string;
  clock: Clock;
}): Promise<LockFile> {
  const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
  try {
    if (!await lockWithin(file, clock)) {
      const [holder] = await readWords(path);
      throw new StoreError(
        `Cannot open data folder "${dataDir}": another knot server${holder && ` (process ${holder})`} uses it. ` +
          `Stop that server, or give this one its own folder (--data-dir); "knot admin" commands talk to the running ` +
          `server by themselves`,
      );
    }
    const [, word] = await readWords(path);
    const found = word === "open" || word === "closed" ? word : undefined;
    await write(file, found);
    return { path, found, note: (state) => write(file, state), [Symbol.dispose]: () => file.close() };
  } catch (cause) {
    file.close();
    throw cause;
  }
}

/** The holder's process id, and what it noted last; empty where there is none. */
async function readWords(path: string): Promise<string[]> {
  const [holder = "", word = ""] = (await Deno.readTextFile(path)).slice(0, LOCK_FILE_BYTES_MAX).trim().split(/\s+/);
  return [holder, word];
}

/** A full disk is no reason to refuse the lock: then the file is empty, names no process and says nothing. */
async function write(file: Deno.FsFile, state: DatabaseState): Promise<void> {
  try {
    await file.truncate();
    await file.seek(0, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode(`${Deno.pid}${state === undefined ? "" : ` ${state}`}\n`));
    await file.syncData(); // "closed" must not come to the disk later than the removal of the log that it tells of.
  } catch {
    // Then the next process knows less.
  }
}

async function lockWithin(file: Deno.FsFile, clock: Clock): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + LOCK_WAIT_MS;
  while (true) {
    if (await tryLock(file, clock)) return true;
    if (clock.monotonicMs() >= deadlineMs) return false;
    await delay(clock, LOCK_RETRY_MS);
  }
}

/** Deno before 2.5 has no `tryLock`: there the wait for `lock` is given up, and ends with the file's closing. */
async function tryLock(file: Deno.FsFile, clock: Clock): Promise<boolean> {
  if ("tryLock" in file) return await file.tryLock(true);
  const unlimited = file as Deno.FsFile;
  return await Promise.race([
    unlimited.lock(true).then(() => true, () => false),
    delay(clock, LOCK_WAIT_MS).then(() => false),
  ]);
}

function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve));
}
