/** The fields of a group that the clients count up, each by itself: edits of different fields must not undo each other. */
export const COUNTERS = ["compute_units", "storage_units", "max_tunnels"] as const;

export type Counter = (typeof COUNTERS)[number];

/** How one request ended, as its client has to see it. */
export type Ending =
  /** The server said that it is done: from here on it may not be lost. */
  | "acknowledged"
  /** The server said that nothing was done, or there was none to ask. */
  | "refused"
  /** No answer, or one that leaves it open: it may happen yet, or may have happened. */
  | "unanswered";

/** What one client knows of one group that it made. Nobody else writes to it. */
export interface Entry {
  readonly name: string;
  /** Undefined while no creation was acknowledged. */
  id: string | undefined;
  created: Ending;
  deleted: Ending | undefined;
  /** Greatest value of each counter that was acknowledged; all begin with 0. */
  readonly acknowledged: Record<Counter, number>;
  /** The newest requests, a line each, to explain what is found. */
  readonly history: string[];
  /** An update that nobody answered. The client leaves such a group alone afterwards, so there is one at most. */
  unanswered: { readonly counter: Counter; readonly value: number } | undefined;
}

/** Of each group: enough to see the writes before and after one that went wrong. */
const HISTORY_LINES_MAX = 12;

/** What the clients did, by how it ended. */
export type Tally = Record<"create" | "update" | "delete", Record<Ending, number>>;

/** All that the clients were told, for the verdict at the end. The servers have no part in it. */
export class Book {
  readonly entries: Entry[] = [];
  readonly tally: Tally = { create: none(), update: none(), delete: none() };

  begin(name: string): Entry {
    const entry: Entry = {
      name,
      id: undefined,
      created: "unanswered",
      deleted: undefined,
      acknowledged: { compute_units: 0, storage_units: 0, max_tunnels: 0 },
      history: [],
      unanswered: undefined,
    };
    this.entries.push(entry);
    return entry;
  }

  created(entry: Entry, ending: Ending, id?: string): void {
    entry.created = ending;
    entry.id = id;
    this.tally.create[ending]++;
  }

  updated(entry: Entry, ending: Ending, counter: Counter, value: number): void {
    if (ending === "acknowledged") entry.acknowledged[counter] = value;
    if (ending === "unanswered") entry.unanswered = { counter, value };
    this.tally.update[ending]++;
  }

  deleted(entry: Entry, ending: Ending): void {
    if (ending !== "refused") entry.deleted = ending;
    this.tally.delete[ending]++;
  }

  /** Keeps a line on one request. */
  remember(entry: Entry, line: string): void {
    entry.history.push(line);
    if (entry.history.length > HISTORY_LINES_MAX) entry.history.shift();
  }

  /** Requests that ended so, of all kinds. */
  count(ending: Ending): number {
    return this.tally.create[ending] + this.tally.update[ending] + this.tally.delete[ending];
  }
}

function none(): Record<Ending, number> {
  return { acknowledged: 0, refused: 0, unanswered: 0 };
}
