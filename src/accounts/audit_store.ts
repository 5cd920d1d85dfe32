/** One row of the audit log as it is stored: an opaque text under an id that begins with its time (UUIDv7). */
export interface AuditRow {
  readonly id: string;
  readonly text: string;
}

/** Where the audit log of this server lies. It is not replicated: each server tells of what was done through it. */
export interface AuditStore {
  /** Adds all of `rows`, a few hundred at most, or none. @throws when the disk does not take them */
  add(rows: readonly AuditRow[]): Promise<void>;
  /** All rows, the oldest first. @throws when they cannot be read */
  list(): AsyncIterable<AuditRow>;
  /** Removes those rows, a few hundred at most. @throws when the disk does not take it */
  remove(ids: readonly string[]): Promise<void>;
}

/** A log that ends with the process: for tests, and where no store is given. */
export function memoryAuditStore(): AuditStore {
  const rows = new Map<string, AuditRow>();
  return {
    add(added) {
      for (const row of added) rows.set(row.id, row);
      return Promise.resolve();
    },
    async *list() {
      yield* [...rows.values()].sort((a, b) => a.id < b.id ? -1 : 1);
    },
    remove(ids) {
      for (const id of ids) rows.delete(id);
      return Promise.resolve();
    },
  };
}
