import { v7 as uuidv7, validate, version } from "uuid";
import type { Entropy } from "../base/mod.ts";
import { RESEED_WAY_OUT } from "./database_files.ts";
import { type RecordStore, type RowKey, StoreError } from "./store.ts";

/** Who the server of this data folder is. */
export interface Identity {
  /** UUIDv7, made at the first start and kept. */
  readonly nodeId: string;
  /** 1 at the first start; one more at each start, except that a start on a full disk does not count. */
  readonly bootCount: number;
}

/** Row of the node id, as text. */
export const NODE_ID_KEY: RowKey = ["meta", "node-id"];
const BOOT_COUNT: RowKey = ["meta", "boot-count"];
const UUID_RANDOM_BYTES = 16;
const utf8 = new TextEncoder();

/**
 * Reads the identity, or makes it, and counts this start. `wallMs` is the time now, in milliseconds since the Unix epoch.
 *
 * @throws {StoreError} if the store fails, or holds an identity that no knot wrote
 */
export async function openIdentity(
  store: RecordStore,
  { entropy, wallMs }: { entropy: Entropy; wallMs: number },
): Promise<Identity> {
  const storedId = await readText(store, NODE_ID_KEY);
  const nodeId = storedId ?? uuidv7({ msecs: wallMs, random: entropy(UUID_RANDOM_BYTES) });
  if (!validate(nodeId) || version(nodeId) !== 7) throw notOurs("node id", nodeId);
  const storedCount = await readText(store, BOOT_COUNT) ?? "0";
  const bootCount = Number(storedCount) + 1;
  if (!Number.isSafeInteger(bootCount) || bootCount < 1) throw notOurs("boot counter", storedCount);
  try {
    await store.commit([
      { key: NODE_ID_KEY, value: utf8.encode(nodeId) },
      { key: BOOT_COUNT, value: utf8.encode(String(bootCount)) },
    ]);
  } catch (error) {
    // A server whose disk is full still has to start and to serve reads; only a new one has nothing to serve.
    if (storedId === undefined || !(error instanceof StoreError)) throw error;
  }
  return { nodeId, bootCount };
}

/** Gives the data folder another node id: the one before was removed from its cluster, and ids never come back. */
export async function renewNodeId(
  store: RecordStore,
  { entropy, wallMs }: { entropy: Entropy; wallMs: number },
): Promise<string> {
  const nodeId = uuidv7({ msecs: wallMs, random: entropy(UUID_RANDOM_BYTES) });
  await store.commit([{ key: NODE_ID_KEY, value: utf8.encode(nodeId) }]);
  return nodeId;
}

async function readText(store: RecordStore, key: RowKey): Promise<string | undefined> {
  const value = await store.get(key);
  return value && new TextDecoder().decode(value);
}

function notOurs(what: string, value: string): StoreError {
  return new StoreError(
    `Cannot read ${what} "${value.slice(0, 80)}" from the store: it is damaged. ${RESEED_WAY_OUT}`,
  );
}
