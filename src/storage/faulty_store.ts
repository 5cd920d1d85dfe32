import { type Mutation, type RecordStore, StoreError } from "./store.ts";

/** What goes wrong; tests change it while the store is in use. */
export interface StoreFaults {
  /** How many of the next commits fail, with nothing of them applied. Counts down. */
  commitsToFail: number;
  /** What their error says; by default a full disk. */
  reason?: string;
  /** While present, commits wait for it before they reach the store: for tests of what happens in between. */
  hold?: Promise<void>;
}

/** `store`, with the faults of `faults`. Reads pass through. */
export function faultyStore(store: RecordStore, faults: StoreFaults): RecordStore {
  /** Keeps held commits in the order of the calls when `hold` changes between them. */
  let before: Promise<void> | undefined;

  function commit(mutations: readonly Mutation[]): Promise<void> {
    if (faults.commitsToFail <= 0) return store.commit(mutations);
    faults.commitsToFail--;
    return Promise.reject(
      new StoreError(`Cannot write to the store: ${faults.reason ?? "database or disk is full"}`),
    );
  }
  return {
    get: (key) => store.get(key),
    list: (prefix, options) => store.list(prefix, options),
    commit(mutations) {
      if (!faults.hold && !before) return commit(mutations);
      const turn: Promise<void> = Promise.all([before, faults.hold]).then(() => {
        if (before === turn) before = undefined;
      });
      before = turn;
      return turn.then(() => commit(mutations));
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
