import { DatabaseSync } from "node:sqlite";
import { storeFailure } from "./store_failure.ts";

/** Faults that are listed; one torn page has many. */
const FAULTS_MAX = 20;

/**
 * What SQLite itself finds wrong with the database at `path`, read-only: torn pages, rows out of order, sizes that do not
 * fit. Blocks the event loop: not for a server that serves.
 *
 * @returns one line a fault, at most {@link FAULTS_MAX}; none for a sound file
 * @throws {StoreError} if the file cannot be read at all
 */
export function checkDatabaseFile(path: string): string[] {
  try {
    using database = closing(new DatabaseSync(path, { readOnly: true }));
    const rows = database.prepare(`PRAGMA integrity_check(${FAULTS_MAX})`).all();
    return rows.flatMap((row) => String(Object.values(row)[0]).split("\n")).filter((line) => line !== "ok")
      .slice(0, FAULTS_MAX);
  } catch (cause) {
    throw storeFailure({ action: "check", path, cause });
  }
}

function closing(database: DatabaseSync): DatabaseSync & Disposable {
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}
