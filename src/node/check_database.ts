import type { RecordStore, RowKey } from "../storage/mod.ts";
import { DAMAGED } from "./damaged_rows.ts";
import { agreementOf, floorOf, memberOf, readingFrom, recordOf } from "./rows.ts";

/** Problems that are listed; the rest is counted. */
const PROBLEMS_MAX = 100;

const SET_ASIDE = "set aside as damaged";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What {@link checkDatabase} found. */
export interface DatabaseCheck {
  readonly rows: number;
  /** Rows by what they are: `user`, `group (deleted)`, `member`, `audit`, … */
  readonly counts: Readonly<Record<string, number>>;
  /** Rows that were found damaged at a start, and moved out of the way; among `counts`, too. */
  readonly setAsideCount: number;
  /** All problems, of which `problems` are the first. */
  readonly problemCount: number;
  readonly problems: ReadonlyArray<{ readonly row: string; readonly reason: string }>;
}

/** Reads every row of the store and judges whether it holds what its key says. @throws {StoreError} if it cannot be read */
export async function checkDatabase(store: RecordStore): Promise<DatabaseCheck> {
  const counts = new Map<string, number>();
  const problems: Array<{ row: string; reason: string }> = [];
  let rows = 0, problemCount = 0;
  const problem = (key: RowKey, reason: string) => {
    problemCount++;
    if (problems.length < PROBLEMS_MAX) problems.push({ row: key.join("/"), reason });
  };
  const damaged = (key: RowKey, reason: string) => {
    rows++;
    problem(key, reason);
  };
  for await (const { key, value } of store.list([], { damaged })) {
    rows++;
    try {
      const what = judged(key, value);
      counts.set(what, (counts.get(what) ?? 0) + 1);
    } catch (error) {
      problem(key, (error as Error).message);
    }
  }
  const byName = [...counts].sort(([a], [b]) => a < b ? -1 : 1);
  const setAsideCount = counts.get(SET_ASIDE) ?? 0;
  return { rows, counts: Object.fromEntries(byName), setAsideCount, problemCount, problems };
}

/** What a row is. @throws {Error} if it does not hold that */
function judged(key: RowKey, value: Uint8Array): string {
  switch (key[0]) {
    case "record": {
      const { kind, deletedAt } = recordOf(key, value);
      return deletedAt === undefined ? kind : `${kind} (deleted)`;
    }
    case "aside":
      recordOf(key, value);
      return "version that waits for its time";
    case "agreement":
      agreementOf(key, value);
      return "agreement";
    case "grave":
      return "name of a deleted record";
    case "lost-edit":
      JSON.parse(decoder.decode(value));
      return "lost edit";
    case "member":
      memberOf(key, value);
      return "member";
    case "audit":
      JSON.parse(decoder.decode(value));
      return "audit entry";
    case "meta":
      if (key[1] === "clock-floor") floorOf(decoder.decode(value));
      if (key[1] === "horizon" || key[1] === "settled") readingFrom(decoder.decode(value));
      if (key[1] === "unsettled" || key[1] === "boots") JSON.parse(decoder.decode(value));
      return "setting";
    case DAMAGED[0]:
      return SET_ASIDE;
    default: // Of a newer version, or of a part that keeps its own rows.
      return key[0];
  }
}
