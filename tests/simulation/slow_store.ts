import { type MemoryStore, memoryStore, type Mutation, type Row, StoreError } from "../../src/storage/mod.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** What a disk is like at the moment; the simulation changes it while the store is in use. */
export interface DiskWeather {
  /** How long one write to the disk takes, in milliseconds. */
  commitMs: () => number;
  /** Commits are refused: the disk is full. */
  full: boolean;
}

/** A disk in the simulation: commits take time, and a crash may lose those that have not ended. */
export interface SlowStore extends MemoryStore {
  readonly weather: DiskWeather;
  /**
   * The process dies. Of the commits under way, in order, only the first `synced` have reached the disk. Nobody hears
   * of it either way.
   */
  crash(options?: { synced: number }): void;
  /** Commits that were asked for and are not on the disk. */
  readonly unsyncedCount: number;
}

/** What a slow store is made of. */
export interface SlowStoreOptions {
  /** What is on the disk. */
  readonly rows?: Iterable<Row>;
  /** Hears of each commit that has reached the disk. */
  readonly committed?: (mutations: readonly Mutation[]) => void;
  /** Runs what the process hears of its disk: its gate. */
  readonly enter?: (run: () => void) => void;
}

interface Waiting {
  readonly mutations: readonly Mutation[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A store in memory whose commits take virtual time. Those that wait go to the disk together, as in the shipped store. */
export function slowStore(
  clock: VirtualClock,
  { rows = [], committed = () => {}, enter = (run) => run() }: SlowStoreOptions = {},
): SlowStore {
  const memory = memoryStore(rows);
  const weather: DiskWeather = { commitMs: () => 1, full: false };
  const waiting: Waiting[] = [];
  let crashed = false;
  let busy = false;

  function writeSoon(): void {
    if (busy || waiting.length === 0) return;
    busy = true;
    clock.after(weather.commitMs(), () => {
      busy = false;
      if (crashed) return;
      for (const each of waiting.splice(0)) write(each);
      writeSoon();
    });
  }

  function write({ mutations, resolve, reject }: Waiting): void {
    const answer = (run: () => void) =>
      enter(() => {
        run();
        clock.settleSoon();
      });
    if (weather.full) {
      return answer(() => reject(new StoreError("Cannot write to the store: database or disk is full")));
    }
    memory.commit(mutations).then(() => {
      committed(mutations);
      answer(resolve);
    }, (error) => answer(() => reject(error)));
    clock.settleSoon();
  }

  return {
    weather,
    get: (key) => memory.get(key),
    list: (prefix, options) => memory.list(prefix, options),
    commit(mutations) {
      if (crashed) return new Promise<never>(() => {}); // The process that would wait is gone.
      return new Promise((resolve, reject) => {
        waiting.push({ mutations, resolve, reject });
        writeSoon();
      });
    },
    rows: () => memory.rows(),
    get unsyncedCount() {
      return waiting.length;
    },
    crash({ synced } = { synced: 0 }) {
      crashed = true;
      if (weather.full) return;
      for (const { mutations } of waiting.splice(0).slice(0, synced)) {
        committed(mutations);
        void memory.commit(mutations); // Memory takes it at once: `rows` has it when this returns.
      }
    },
    [Symbol.asyncDispose]: () => memory[Symbol.asyncDispose](),
  };
}
