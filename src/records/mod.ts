/**
 * The replicated data: records of registers and sets, the hybrid logical clock that stamps them, the merge on which all
 * servers agree, and the bytes in which they are stored and sent. Pure: time and randomness are arguments, nothing
 * waits.
 */
export { birthOf, tombstone } from "./birth.ts";
export { departureOf, renewed } from "./departure.ts";
export { RecordFormatError } from "./format_error.ts";
export { HybridClock, STAMP_AHEAD_MS_MAX } from "./hybrid_clock.ts";
export { ADMIN_ROLE_ID, isRecordId, RECORD_ID_ENTROPY_BYTES, recordId } from "./ids.ts";
export {
  type KindDefinition,
  kindDefinition,
  type NameRule,
  normaliseName,
  type UniqueName,
  uniqueNames,
} from "./kinds.ts";
export { PACKED_BYTES_MAX } from "./limits.ts";
export { mergeRecords } from "./merge.ts";
export { NameIndex } from "./names.ts";
export { packRecord } from "./pack.ts";
export { comparePackedIdAt, isPackedTombstoneAt, packedIdAt } from "./packed_id.ts";
export {
  authorNamed,
  authorOf,
  isReading,
  NO_READING,
  type Reading,
  readingAtEndOf,
  readingMs,
  readingOf,
} from "./reading.ts";
export type * from "./record.ts";
export { sipHash, type SipKey, sipKeyOf } from "./sip_hash.ts";
export {
  formatStamp,
  isStamp,
  parseStamp,
  STAMP_BYTES,
  STAMP_MS_MAX,
  stampMs,
  type StampParts,
  stampRange,
} from "./stamp.ts";
export { packedKey, packedStampMs, unpackRecord } from "./unpack.ts";
export { upTo } from "./up_to.ts";
export { decodeValue, encodeValue } from "./value.ts";
export { recordVersion } from "./version.ts";
export { viewRecord } from "./view.ts";
export { applyWrite, type Write, type WriteBase, type WriteResult } from "./write.ts";
