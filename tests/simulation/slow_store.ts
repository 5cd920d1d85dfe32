import { type MemoryStore, memoryStore, type Mutation, type Row, StoreError } from "../../src/storage/mod.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** A disk in the simulation: commits take time, and a crash loses those that have not ended. */
export interface SlowStore extends MemoryStore {
  /** The machine dies: nothing more reaches the disk, and nobody hears of it. */
  crash(): void;
}

/** A store in memory whose commits take `commitMs` of virtual time, one after the other. */
export function slowStore(
  clock: VirtualClock,
  { rows = [], commitMs = () => 1 }: { rows?: Iterable<Row>; commitMs?: () => number } = {},
): SlowStore {
  const memory = memoryStore(rows);
  let crashed = false;
  let last: Promise<void> = Promise.resolve();

  async function commitAfter(before: Promise<void>, mutations: readonly Mutation[]): Promise<void> {
    await before;
    await clock.pause(commitMs());
    if (crashed) return await new Promise<never>(() => {}); // The process that waits is gone, too.
    await memory.commit(mutations);
  }
  return {
    get: (key) => memory.get(key),
    list: (prefix) => memory.list(prefix),
    commit(mutations) {
      if (crashed) return Promise.reject(new StoreError("Cannot write: the machine is off"));
      const commit = commitAfter(last, mutations);
      last = commit.catch(() => {});
      return commit;
    },
    rows: () => memory.rows(),
    crash() {
      crashed = true;
    },
    [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose](),
  };
}
