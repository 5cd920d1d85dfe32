import { openKvStore } from "../../src/storage/mod.ts";
import { quantile } from "../membership/row.ts";
import { RECORD_BYTES } from "../../tests/e2e/mod.ts";

const COMMITS = 200;

/**
 * What one commit of one record takes the store by itself, in milliseconds, p50 and p99: no write can be acknowledged sooner. Disks
 * that others use, too, differ by a factor of ten from one minute to the next.
 */
export async function bareCommitMs(): Promise<{ p50: number; p99: number }> {
  const dataDir = await Deno.makeTempDir({ prefix: "knot-commit-" });
  try {
    await using store = await openKvStore({ dataDir });
    const tookMs: number[] = [];
    for (let index = 0; index < COMMITS; index++) {
      const value = crypto.getRandomValues(new Uint8Array(RECORD_BYTES));
      const started = performance.now();
      await store.commit([{ key: ["record", String(index)], value }]);
      tookMs.push(performance.now() - started);
    }
    return { p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99) };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}
