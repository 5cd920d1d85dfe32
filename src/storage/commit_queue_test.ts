import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { type Batch, CommitQueue, QUEUE_CALLS_MAX } from "./commit_queue.ts";
import { keyText } from "./row_key.ts";
import { type Mutation, StoreError } from "./store.ts";

Deno.test("CommitQueue merges what is called while a write is under way, in few writes", async () => {
  const { queue, writes } = queueOver();
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => queue.push([row(`${i}`)])));
  deepStrictEqual(writes.map((batch) => batch.size), [500, 500]);
});

Deno.test("CommitQueue keeps merged writes below the bytes that an atomic takes", async () => {
  const { queue, writes } = queueOver();
  await Promise.all(Array.from({ length: 30 }, (_, i) => queue.push([row(`${i}`, 60_000)])));
  for (const batch of writes) {
    const bytes = [...batch.values()].reduce((sum, { value }) => sum + value!.length, 0);
    strictEqual(bytes <= 512 * 1024, true, `${bytes} bytes in one write`);
  }
  strictEqual(writes.length < 8, true, `${writes.length} writes`);
});

Deno.test("CommitQueue fails only the call that cannot be written, and answers all in their order", async () => {
  const { queue, writes } = queueOver((batch) => batch.has(keyText(["poison"])));
  const answers: string[] = [];
  const ask = (name: string) =>
    queue.push([row(name), row(`${name} too`)]).then(() => answers.push(name), () => answers.push(`${name} failed`));
  await Promise.all(["a", "b", "poison", "c"].map(ask));
  deepStrictEqual(answers, ["a", "b", "poison failed", "c"]);
  deepStrictEqual(writes.map((batch) => batch.size), [2, 2, 2]);
});

Deno.test("CommitQueue says so when too many commits wait, and serves on afterwards", async () => {
  const { queue } = queueOver();
  const waiting = Array.from({ length: QUEUE_CALLS_MAX }, (_, i) => queue.push([row(`${i}`)]));
  await rejects(queue.push([row("one more")]), (error: Error) => {
    strictEqual(error instanceof StoreError, true);
    return error.message.includes(`${QUEUE_CALLS_MAX} commits are already waiting`);
  });
  await Promise.all(waiting);
  await queue.push([row("later")]);
});

Deno.test("CommitQueue bounds the bytes that wait, but takes any single commit", async () => {
  const { queue } = queueOver();
  const large = queue.push([row("large", 60 * 1024 * 1024)]);
  await rejects(queue.push([row("another", 10 * 1024 * 1024)]), StoreError);
  await large;
});

function queueOver(fails: (batch: Batch) => boolean = () => false) {
  const writes: Batch[] = [];
  const queue = new CommitQueue({
    write(batch) {
      if (fails(batch)) return Promise.reject(new StoreError("Cannot write: planted"));
      writes.push(batch);
      return Promise.resolve();
    },
    tidy: () => Promise.resolve(),
  });
  return { queue, writes };
}

function row(name: string, bytes = 1): Mutation {
  return { key: [name], value: new Uint8Array(bytes) };
}
