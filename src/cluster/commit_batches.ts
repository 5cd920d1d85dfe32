import type { Copy } from "./job.ts";

/** Records in one commit, and packed bytes of another server's: well within what one atomic write of the store holds. */
export const COMMIT_RECORDS_MAX = 400;
const COMMIT_BYTES_MAX = 8 * 1024 * 1024;

/** Cuts what another server sent into what one commit holds each, in its order. */
export function commitBatches(copies: readonly Copy[]): Copy[][] {
  const batches: Copy[][] = [];
  let records = Infinity, bytes = 0;
  for (const copy of copies) {
    if (records >= COMMIT_RECORDS_MAX || bytes + copy.packed.length > COMMIT_BYTES_MAX) {
      batches.push([]);
      records = bytes = 0;
    }
    batches[batches.length - 1].push(copy);
    records++;
    bytes += copy.packed.length;
  }
  return batches;
}
