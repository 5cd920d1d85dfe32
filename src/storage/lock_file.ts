import type { Clock } from "../base/mod.ts";
import { StoreError } from "./store.ts";

/** How long a second process waits for the first to go away, before it says so. A restart may overlap a little. */
const LOCK_WAIT_MS = 800;
const LOCK_RETRY_MS = 50;

/** A held lock; disposing lets the next process in. */
export interface LockFile extends Disposable {
  readonly path: string;
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
      const holder = (await Deno.readTextFile(path)).trim();
      throw new StoreError(
        `Cannot open data folder "${dataDir}": another knot server${holder && ` (process ${holder})`} uses it. ` +
          `Stop that server, or give this one its own folder (--data-dir); "knot admin" commands talk to the running ` +
          `server by themselves`,
      );
    }
    await writeHolder(file);
  } catch (cause) {
    file.close();
    throw cause;
  }
  return { path, [Symbol.dispose]: () => file.close() };
}

/** Only for the message to a second process: a full disk is no reason to refuse the lock. */
async function writeHolder(file: Deno.FsFile): Promise<void> {
  try {
    await file.truncate();
    await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch {
    // Then the message names no process.
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
