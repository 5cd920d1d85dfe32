import type { Logger } from "../base/mod.ts";
import type { Mutation, RecordStore, RowKey } from "../storage/mod.ts";
import { NO_READING } from "../records/mod.ts";
import { copyingRow, keptRows, type Remembered } from "./rows.ts";

/** Under this key, followed by their own, rows lie that could not be read: for whoever wants to look at them. */
export const DAMAGED: RowKey = ["damaged"];

/** Rows moved in one commit: a row in its old and its new place, twice a mutation each. */
const MOVED_AT_ONCE = 200;
/** Tables in which a damaged row means that a record, or a version of one, is missing. */
const LOST_RECORDS: readonly string[] = ["record", "aside"];
/** Lines in the log, one a row; the rest is counted. */
const LINES_MAX = 50;

/**
 * Sets rows aside that could not be read, so that the server starts without them. In a cluster, the data set then counts as
 * not yet whole: what is missing here comes from the others, and nobody may take it for deleted.
 *
 * @returns what the server goes on with
 * @throws {StoreError} where the file itself is damaged
 */
export async function setDamagedAside(
  { store, remembered, clustered, log }: {
    store: RecordStore;
    remembered: Remembered;
    clustered: boolean;
    log: Logger;
  },
): Promise<Remembered> {
  const { damaged, lineage } = remembered;
  if (damaged.length === 0) return remembered;
  store.refuseFaults?.(); // A torn tree hides rows that nobody misses, and loses those that are written to it.
  const hasLost = damaged.some(({ key }) => LOST_RECORDS.includes(key[0]));
  const incomplete = clustered && lineage !== undefined && hasLost;
  const unsettled = remembered.unsettled ?? (incomplete ? { knownUpTo: NO_READING } : undefined);
  for (const { key, reason } of damaged.slice(0, LINES_MAX)) {
    log.error("Cannot read a row of the database: it is set aside", { row: key.join("/"), reason });
  }
  log.error("The database has damaged rows", {
    rows: damaged.length,
    wayOut: wayOutOf({ incomplete, hasLost }),
  });
  const rows = damaged.flatMap(({ key, value }): Mutation[] =>
    value === undefined ? [] : [{ key: [...DAMAGED, ...key], value }, { key }]
  );
  try {
    if (incomplete) await store.commit([copyingRow(), ...keptRows({ unsettled })]);
    for (let at = 0; at < rows.length; at += MOVED_AT_ONCE) await store.commit(rows.slice(at, at + MOVED_AT_ONCE));
  } catch (error) { // Found again at the next start.
    log.warn("Cannot move damaged rows", { reason: (error as Error).message });
  }
  return { ...remembered, unsettled, copying: remembered.copying || incomplete };
}

function wayOutOf({ incomplete, hasLost }: { incomplete: boolean; hasLost: boolean }): string {
  if (incomplete) return "what they held is asked of the other servers; look at the disk, and see knot admin check";
  if (hasLost) return "what they held is missing: put a backup of the file in its place; see knot admin check";
  return "what they held is found out again, no record was among them; look at the disk, and see knot admin check";
}
