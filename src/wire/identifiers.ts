import type { CborReader } from "./cbor_reader.ts";
import type { CborWriter } from "./cbor_writer.ts";
import { IdentifierTexts } from "./identifier_texts.ts";
import { TEXT_BYTES_MAX } from "./limits.ts";
import { WireFormatError } from "./wire_format_error.ts";

/** Ids, versions and fingerprints are texts in memory and half as long on the wire: UUIDs in 16 bytes, 16 hex digits in 8. */
const UUID_BYTES = 16;
const FINGERPRINT_BYTES = 8;
const UUID_UNITS = 36;
const NOT_HEX = 0xff;

/** Value of a lower-case hex digit, by character code; upper case is not ours and travels as text, to come out as it was. */
const HEX_VALUE = new Uint8Array(128).fill(NOT_HEX);
for (let value = 0; value < 16; value++) HEX_VALUE[value.toString(16).charCodeAt(0)] = value;

/** Where the digits of each byte of a UUID stand in its text (RFC 9562 §4). */
const UUID_DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HEX_DIGITS = [0, 2, 4, 6, 8, 10, 12, 14];

const uuids = new IdentifierTexts(UUID_DIGITS, UUID_UNITS);
const fingerprints = new IdentifierTexts(HEX_DIGITS, 2 * FINGERPRINT_BYTES);

/** Texts whose bytes are remembered: those that come again with nearly every message, and some that do not. */
const REMEMBERED_MAX = 4_096;
const remembered = new Uint8Array(REMEMBERED_MAX * UUID_BYTES);
/** Where the bytes of a text begin in `remembered`. */
const starts = new Map<string, number>();

/** Writes an id, version or fingerprint; one of another form goes as text. */
export function writeIdentifier(writer: CborWriter, id: string): void {
  const start = starts.get(id) ?? remember(id);
  if (start === undefined) return writer.text(id);
  writer.bytesAt(remembered, start, id.length === UUID_UNITS ? UUID_BYTES : FINGERPRINT_BYTES);
}

/** Where the bytes are; undefined where `id` is of another form. */
function remember(id: string): number | undefined {
  const isUuid = id.length === UUID_UNITS && hasUuidDashes(id);
  if (!isUuid && id.length !== 2 * FINGERPRINT_BYTES) return undefined;
  if (starts.size === REMEMBERED_MAX) starts.clear(); // The frequent ones are soon there again.
  const start = starts.size * UUID_BYTES;
  if (!parseHex(id, isUuid ? UUID_DIGITS : HEX_DIGITS, start)) return undefined;
  starts.set(id, start);
  return start;
}

/** @throws {WireFormatError} */
export function readIdentifier(reader: CborReader): string {
  if (!reader.atBytes) return reader.text(TEXT_BYTES_MAX);
  const bytes = reader.bytes(UUID_BYTES);
  if (bytes.length === UUID_BYTES) return uuids.textOf(bytes);
  if (bytes.length === FINGERPRINT_BYTES) return fingerprints.textOf(bytes);
  throw new WireFormatError("malformed", `Cannot read message: an id of ${bytes.length} bytes, 8 and 16 are known`);
}

function hasUuidDashes(id: string): boolean {
  return id[8] === "-" && id[13] === "-" && id[18] === "-" && id[23] === "-";
}

/** Fills `remembered` from `start` with the bytes whose digits start at `digits`; false when one is no lower-case hex digit. */
function parseHex(id: string, digits: readonly number[], start: number): boolean {
  for (let i = 0; i < digits.length; i++) {
    const high = HEX_VALUE[id.charCodeAt(digits[i])] ?? NOT_HEX;
    const low = HEX_VALUE[id.charCodeAt(digits[i] + 1)] ?? NOT_HEX;
    if (high === NOT_HEX || low === NOT_HEX) return false;
    remembered[start + i] = high << 4 | low;
  }
  return true;
}
