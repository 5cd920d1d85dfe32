import { assert } from "../base/mod.ts";
import { v7 } from "uuid";

/** The role that has every permission, and cannot be changed or deleted. */
export const ADMIN_ROLE_ID = "00000000-0000-0000-0000-000000000000";

/** Random bytes that {@link recordId} takes. */
export const RECORD_ID_ENTROPY_BYTES = 16;

const UUID_V7_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * A new id: UUIDv7 (RFC 9562, §5.7), so that ids sort by age and rows are stored in order.
 *
 * @param wallMs milliseconds since the Unix epoch
 * @param entropy {@link RECORD_ID_ENTROPY_BYTES} fresh bytes from a secure source
 */
export function recordId(wallMs: number, entropy: Uint8Array): string {
  assert(
    entropy.length === RECORD_ID_ENTROPY_BYTES,
    `Cannot make record id: got ${entropy.length} bytes of entropy, need ${RECORD_ID_ENTROPY_BYTES}`,
  );
  return v7({ msecs: Math.floor(wallMs), random: entropy });
}

/** Whether `text` is an id as we make them, or the admin role's; so that it is not taken for a name. */
export function isRecordId(text: string): boolean {
  return text === ADMIN_ROLE_ID || UUID_V7_PATTERN.test(text);
}
