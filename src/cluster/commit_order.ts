import { assert } from "../base/mod.ts";
import type { Change, Job } from "./job.ts";

/** A commit under way. */
export interface Pending {
  readonly job: Job;
  /** Records, as `kind/id`, and unique names that nobody else touches meanwhile. */
  readonly locked: readonly string[];
  readonly changes: ReadonlyMap<string, Change>;
}

/** Lets jobs on different records go side by side, and those on one record or name one after the other, as they came. */
export class CommitOrder {
  readonly #pending = new Map<number, Pending>();
  /** How many commits under way lock a key: names are locked by all that touch them. */
  readonly #locked = new Map<string, number>();
  #waiting: Job[] = [];
  /** Numbers of the jobs that have not ended, the oldest first. */
  readonly #open = new Map<Job, number>();
  #nextNumber = 0;

  /** @param run begins the commit of a job with {@link lock}; false when there is nothing to commit, and the job has ended */
  constructor(private readonly run: (job: Job) => boolean) {}

  /** Commits under way or waiting. */
  get pendingCount(): number {
    return this.#pending.size + this.#waiting.length;
  }

  /** Jobs that wait for a commit under way. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Number of the next job. */
  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** Whether every job before this number has ended. */
  isDoneBefore(number: number): boolean {
    for (const open of this.#open.values()) return open >= number;
    return true;
  }

  /** Runs the job at once, or when those before it on the same records have ended. */
  begin(job: Job): void {
    this.#open.set(job, this.#nextNumber++);
    if (job.keys.some((key) => this.#locked.has(key))) this.#waiting.push(job);
    else this.#start(job);
  }

  /** The commit of a job is under way. */
  lock(pending: Pending): void {
    for (const key of pending.locked) this.#locked.set(key, (this.#locked.get(key) ?? 0) + 1);
    this.#pending.set(pending.job.token, pending);
  }

  /** The commit `token` is on disk, or failed: its records are free as soon as its job {@link end}s. */
  settle(token: number): Pending {
    const pending = this.#pending.get(token);
    assert(pending !== undefined, `Cannot settle commit ${token}: it is not pending`);
    this.#pending.delete(token);
    for (const key of pending.locked) this.#unlock(key);
    return pending;
  }

  /** All that followed from the job has happened: those that waited for it go on. */
  end(job: Job): void {
    this.#open.delete(job);
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    // A job may not overtake an earlier one on the same record.
    const blocked = new Set<string>();
    for (const job of waiting) {
      if (job.keys.some((key) => this.#locked.has(key) || blocked.has(key))) {
        for (const key of job.keys) blocked.add(key);
        this.#waiting.push(job);
      } else {
        this.#start(job);
      }
    }
  }

  #unlock(key: string): void {
    const left = this.#locked.get(key)! - 1;
    if (left === 0) this.#locked.delete(key);
    else this.#locked.set(key, left);
  }

  #start(job: Job): void {
    if (!this.run(job)) this.#open.delete(job);
  }
}
