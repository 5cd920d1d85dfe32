import type { Entropy } from "../base/mod.ts";
import { openIdentity, type RecordStore, renewNodeId } from "../storage/mod.ts";
import { comeBackRows, readMember } from "./rows.ts";

/**
 * The id under which this data folder takes part, and counts the start. A server that left its cluster for good, or was removed
 * from it, comes back as a new one, and its data has to agree with the cluster's before its word counts.
 *
 * @throws {StoreError} if the store fails
 */
export async function openNodeId(
  store: RecordStore,
  { entropy, wallMs }: { entropy: Entropy; wallMs: number },
): Promise<string> {
  const { nodeId } = await openIdentity(store, { entropy, wallMs });
  const own = await readMember(store, nodeId);
  return own?.state === "left" ? await comeBackAnew(store, { entropy, wallMs }) : nodeId;
}

/**
 * Gives a data folder another node id: it was removed from its cluster, or restored from a backup.
 *
 * @throws {StoreError} if the store fails
 */
export async function comeBackAnew(
  store: RecordStore,
  { entropy, wallMs }: { entropy: Entropy; wallMs: number },
): Promise<string> {
  // First: under a new id nobody would notice that the data is old.
  await store.commit(comeBackRows());
  return await renewNodeId(store, { entropy, wallMs });
}
