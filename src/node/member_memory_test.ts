import assert from "node:assert/strict";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import type { RememberedMember } from "../cluster/mod.ts";
import { MemberMemory } from "./member_memory.ts";

const member = (id: string) => ({ id, incarnation: 0, state: "alive" }) as RememberedMember;

/** A memory over a disk that is `full` or not: the ids of each commit, and the numbers of which it said that they are on disk. */
function bench() {
  const clock = new VirtualClock();
  const disk = { full: false };
  const commits: string[][] = [];
  const told: number[] = [];
  const memory = new MemberMemory(clock, {
    commit: (rows) => {
      if (!disk.full) commits.push(rows.map(({ key }) => String(key.at(-1))));
      return Promise.resolve(!disk.full);
    },
    remembered: (number) => told.push(number),
  });
  return { clock, disk, commits, told, memory };
}

/** Until all that waits for a promise has run. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("MemberMemory writes bursts together, and says when all up to a number is on disk", async () => {
  const { clock, commits, told, memory } = bench();
  memory.remember({ kind: "remember", number: 1, members: [member("a")] });
  clock.advance(0);
  await settled();
  memory.remember({ kind: "remember", number: 2, members: [member("b")] });
  memory.remember({ kind: "remember", number: 3, members: [member("c")] });
  clock.advance(80);
  await settled();
  assert.deepEqual([commits, told], [[["a"]], [1]]);
  clock.advance(20);
  await settled();
  assert.deepEqual([commits, told], [[["a"], ["b", "c"]], [1, 3]]);
});

Deno.test("MemberMemory tries again what the disk refused, and says nothing of it before", async () => {
  const { clock, disk, commits, told, memory } = bench();
  disk.full = true;
  memory.remember({ kind: "remember", number: 1, members: [member("a")] });
  clock.advance(0);
  await settled();
  disk.full = false;
  assert.deepEqual(told, []);
  memory.remember({ kind: "remember", number: 2, members: [member("b")] });
  clock.advance(500);
  await settled();
  assert.deepEqual([commits, told], [[["a", "b"]], [2]]);
});

Deno.test("MemberMemory tries again although nothing else changes, until it is stopped", async () => {
  const { clock, disk, told, memory } = bench();
  disk.full = true;
  memory.remember({ kind: "remember", number: 1, members: [member("a")] });
  for (const ms of [0, 5_000]) clock.advance(ms), await settled();
  disk.full = false;
  clock.advance(5_000);
  await settled();
  assert.deepEqual(told, [1]);
  disk.full = true;
  memory.remember({ kind: "remember", number: 2, members: [member("a")] });
  clock.advance(0);
  await settled();
  memory.stop();
  disk.full = false;
  clock.advance(10_000);
  await settled();
  assert.deepEqual(told, [1]);
});
