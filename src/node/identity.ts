import type { Entropy } from "../base/mod.ts";
import { openIdentity, type RecordStore, renewNodeId } from "../storage/mod.ts";
import { readMember } from "./rows.ts";

/**
 * The id under which this data folder takes part, and counts the start. A server that left its cluster for good, or was removed
 * from it, comes back as a new one.
 *
 * @throws {StoreError} if the store fails
 */
export async function openNodeId(
  store: RecordStore,
  { entropy, wallMs }: { entropy: Entropy; wallMs: number },
): Promise<string> {
  const { nodeId } = await openIdentity(store, { entropy, wallMs });
  const own = await readMember(store, nodeId);
  return own?.state === "left" ? await renewNodeId(store, { entropy, wallMs }) : nodeId;
}
