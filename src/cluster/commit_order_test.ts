import assert from "node:assert/strict";
import { CommitOrder } from "./commit_order.ts";
import type { Job } from "./job.ts";

/** An order whose jobs lock their keys, and the tokens of those that were run. */
function order({ commits = () => true }: { commits?: (job: Job) => boolean } = {}) {
  const run: number[] = [];
  const jobs: CommitOrder = new CommitOrder((job) => {
    run.push(job.token);
    if (!commits(job)) return false;
    jobs.lock({ job, locked: job.keys, changes: new Map() });
    return true;
  });
  const end = (token: number) => jobs.end(jobs.settle(token).job);
  return { jobs, run, end };
}

const job = (token: number, ...keys: string[]): Job => ({ kind: "drop", token, keys, dropped: [] });

Deno.test("CommitOrder runs jobs on different records side by side, and on one record in their order", () => {
  const { jobs, run, end } = order();
  jobs.begin(job(-1, "a"));
  jobs.begin(job(-2, "a", "b"));
  jobs.begin(job(-3, "a"));
  jobs.begin(job(-4, "c"));
  assert.deepEqual(run, [-1, -4]);
  assert.deepEqual([jobs.pendingCount, jobs.waitingCount], [4, 2]);
  end(-1);
  assert.deepEqual(run, [-1, -4, -2], "the third may not overtake the second");
  end(-2);
  end(-3);
  end(-4);
  assert.equal(jobs.pendingCount, 0);
});

Deno.test("CommitOrder.isDoneBefore() waits for every earlier job, also for one that waits itself", () => {
  const { jobs, end } = order();
  jobs.begin(job(-1, "a"));
  jobs.begin(job(-2, "a"));
  const number = jobs.nextNumber;
  jobs.begin(job(-3, "b"));
  end(-1);
  assert.equal(jobs.isDoneBefore(number), false);
  end(-2);
  assert.equal(jobs.isDoneBefore(number), true, "the third came later");
});

Deno.test("CommitOrder counts a job with nothing to commit as ended", () => {
  const { jobs } = order({ commits: () => false });
  jobs.begin(job(-1, "a"));
  assert.deepEqual([jobs.pendingCount, jobs.isDoneBefore(jobs.nextNumber)], [0, true]);
});

Deno.test("CommitOrder keeps a name locked until the last commit that touches it has ended", () => {
  const run: number[] = [];
  const jobs: CommitOrder = new CommitOrder((job) => {
    run.push(job.token);
    jobs.lock({ job, locked: [...job.keys, "name"], changes: new Map() });
    return true;
  });
  jobs.begin(job(-1, "a"));
  jobs.begin(job(-2, "b"));
  jobs.begin(job(-3, "c", "name"));
  for (const [token, begun] of [[-1, 2], [-2, 3]]) {
    jobs.end(jobs.settle(token).job);
    assert.equal(run.length, begun);
  }
});
