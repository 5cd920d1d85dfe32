import { REMOVED_WAY_OUT, RESEED_WAY_OUT } from "./database_files.ts";
import { StoreError } from "./store.ts";

/** The file is torn: what is written to it may be out of reach the moment after. */
const TORN = /not a database|malformed/i;
/** It, or the disk below it, cannot be read at all. */
const UNREADABLE = /disk i\/o|unable to open/i;

/** What the database or the system says, and what a person can do about it. First match counts. */
const WAYS_OUT: ReadonlyArray<readonly [RegExp, string]> = [
  [/disk is full|no space left|quota/i, "Free some space on that disk"],
  [
    /not a database|malformed|invalid utf8|invalid column type|encoding|format|parts of a large value|not those that were written/i,
    RESEED_WAY_OUT,
  ],
  [/disk i\/o/i, "Look at the system's log for faults of that disk"],
  [/unable to open database file/i, "It must be a file that the user that runs knot may write"],
  [/permission denied|readonly|read-only|not permitted/i, "Let the user that runs knot own the folder"],
  [/was removed or replaced/i, REMOVED_WAY_OUT],
  [/locked/i, "Another program has the file open; stop it"],
  [/is a directory/i, "Move that folder away: a file must be there"],
  [/not a directory|file exists/i, "Name a folder (--data-dir), not a file"],
];

/** An error of the database or the file system as one that names the file, the cause and the way out. */
export function storeFailure({ action, path, cause }: { action: string; path: string; cause: unknown }): StoreError {
  if (cause instanceof StoreError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const wayOut = WAYS_OUT.find(([pattern]) => pattern.test(reason))?.[1];
  return new StoreError(`Cannot ${action} "${path}": ${reason}${wayOut ? `. ${wayOut}` : ""}`, { cause });
}

/** Whether an error tells of the whole file, or the disk below it, not of one row in it. */
export function isFileFailure(cause: unknown): boolean {
  return isTorn(cause) || cause instanceof Error && UNREADABLE.test(cause.message);
}

/** Whether an error tells of a file that nothing more must be written to. */
export function isTorn(cause: unknown): boolean {
  return cause instanceof Error && TORN.test(cause.message);
}
