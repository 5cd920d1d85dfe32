import type { CancelTimer, Clock, Logger } from "../base/mod.ts";
import { REMOVED_WAY_OUT } from "./database_files.ts";

/** The files are looked for so often, in milliseconds: what is acknowledged in between goes with them. */
const LOOK_MS = 5_000;

/** Which file is at a path; undefined: none. */
type FileId = string | undefined;

/**
 * Whether the files that this process has open are still the ones at their paths. Once they were removed, or others were put in
 * their place, SQLite goes on as if nothing had happened, and all that it takes is lost with the process.
 */
export class FileWatch implements Disposable {
  #problem: string | undefined;
  #found: () => void = () => {};
  #cancel: CancelTimer = () => {};
  #disposed = false;

  private constructor(
    private readonly expected: Map<string, FileId>,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.#lookLater();
  }

  /** Watches the files at `paths` as they are now. */
  static async of(paths: readonly string[], { clock, log }: { clock: Clock; log: Logger }): Promise<FileWatch> {
    const expected = new Map<string, FileId>();
    for (const path of paths) expected.set(path, await idOf(path));
    return new FileWatch(expected, clock, log);
  }

  /** Why nothing more must be written; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** `listener` hears when the files are found gone. */
  onProblem(listener: () => void): void {
    this.#found = listener;
  }

  /** Looks now. Never rejects: what cannot be looked at is not known to be gone. */
  async look(): Promise<void> {
    const before = this.#problem;
    let problem: string | undefined;
    try {
      for (const [path, id] of this.expected) {
        const found = await idOf(path);
        if (id === undefined) this.expected.set(path, found); // SQLite makes its log when it first writes.
        else if (found !== id) problem ??= `"${path}" was removed or replaced while this server has it open`;
      }
    } catch (cause) {
      return this.log.debug("Cannot look after the database's files", { cause });
    }
    this.#problem = problem; // Only now: what is gone must not look well while it is looked for.
    if (this.#problem === undefined || this.#problem === before) return;
    this.log.error("The database is not at its place any more", { reason: this.#problem, wayOut: REMOVED_WAY_OUT });
    this.#found();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel();
  }

  #lookLater(): void {
    this.#cancel = this.clock.after(LOOK_MS, async () => {
      await this.look();
      if (!this.#disposed) this.#lookLater();
    });
  }
}

async function idOf(path: string): Promise<FileId> {
  try {
    const { dev, ino } = await Deno.stat(path);
    return `${dev} ${ino}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
