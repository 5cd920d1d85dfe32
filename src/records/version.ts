import { hash } from "node:crypto";
import { packRecord } from "./pack.ts";
import type { RecordState, Version } from "./record.ts";

/** Hex digits of a {@link Version}, so that any two of 100,000 contents clash with a chance of 3 in 10^10. */
const VERSION_DIGITS = 16;

/**
 * The version of a record, given as state or in packed form. It is the hash of the canonical bytes of pack format 1,
 * which hold every field, element, stamp and value once. A later format must still be versioned by these bytes: servers
 * of two releases compare versions.
 */
export function recordVersion(record: RecordState | Uint8Array): Version {
  const packed = record instanceof Uint8Array ? record : packRecord(record);
  return hash("sha256", packed, "hex").slice(0, VERSION_DIGITS);
}
