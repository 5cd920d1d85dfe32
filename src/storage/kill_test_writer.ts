/**
 * The process that `kill_test.ts` kills: commits rows 0, 1, 2, … to the data folder that its argument names, many at a
 * time, and prints the number of each once it was acknowledged. Each commit has two rows of its own, and sets a small and
 * a large row that all share.
 */
import { openKvStore } from "./mod.ts";

const CONCURRENT_COMMITS = 20;
const LARGE_EVERY = 10;
const LARGE_BYTES = 150_000;
const COMMITS_MAX = 100_000; // Ends by itself if nobody kills it.

await using store = await openKvStore({ dataDir: Deno.args[0] });
let next = 0;

async function commitOn(): Promise<void> {
  while (next < COMMITS_MAX) {
    const index = next++;
    const value = new Uint8Array(new Uint32Array([index]).buffer);
    const mutations = [
      { key: ["left", `${index}`], value },
      { key: ["right", `${index}`], value },
      { key: ["last"], value },
    ];
    if (index % LARGE_EVERY === 0) {
      mutations.push({ key: ["large"], value: new Uint8Array(LARGE_BYTES).fill(index % 256) });
    }
    await store.commit(mutations);
    console.log(index);
  }
}

await Promise.all(Array.from({ length: CONCURRENT_COMMITS }, commitOn));
