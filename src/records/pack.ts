import { ByteWriter } from "./byte_writer.ts";
import { bytesOfHex } from "./hex.ts";
import { ACCEPTED_LIMITS } from "./limits.ts";
import type { RecordState, Stamp } from "./record.ts";
import { checkRecord } from "./record_check.ts";
import { stampsOf } from "./stamp.ts";

/** First byte of a packed record. Another layout takes another number. */
export const PACK_FORMAT = 1;

/** What stands behind kind and id. */
export const PACKED_LIVE = 0, PACKED_TOMBSTONE = 1, PACKED_BORN_TOMBSTONE = 2;

/**
 * A record in bytes, for the store, the wire and memory. Canonical: equal states give equal bytes, because names,
 * elements and stamps are sorted and every number has one form. Layout: format, kind, id, then for a tombstone 1 and
 * its stamp, or 2, its stamp and its birth; else 0, the stamp table (most fields share one; the first is the birth),
 * fields as (name, stamp index, value), sets as (name, elements as (text, 2 × stamp index + present)). Numbers are
 * LEB128, texts and values stand behind their length, stamps take 24 bytes.
 *
 * @throws {RecordFormatError} if the record is past the limits of `limits.ts`; a merge can make one so
 */
export function packRecord(state: RecordState): Uint8Array {
  checkRecord(state, ACCEPTED_LIMITS);
  const writer = new ByteWriter();
  writer.byte(PACK_FORMAT);
  writer.text(state.kind);
  writer.text(state.id);
  if (state.deletedAt !== undefined) {
    writer.byte(state.born === undefined ? PACKED_TOMBSTONE : PACKED_BORN_TOMBSTONE);
    writer.bytes(bytesOfHex(state.deletedAt));
    if (state.born !== undefined) writer.bytes(bytesOfHex(state.born));
  } else {
    writer.byte(PACKED_LIVE);
    writeRegisters(writer, state);
  }
  return writer.finish();
}

function writeRegisters(writer: ByteWriter, state: RecordState): void {
  const stamps = [...new Set(stampsOf(state))].sort();
  const indexOf = new Map<Stamp, number>(stamps.map((stamp, index) => [stamp, index]));
  writer.number(stamps.length);
  for (const stamp of stamps) writer.bytes(bytesOfHex(stamp));
  writer.number(state.fields.size);
  for (const [name, { stamp, value }] of inTextOrder(state.fields)) {
    writer.text(name);
    writer.number(indexOf.get(stamp)!);
    writer.block(value);
  }
  writer.number(state.sets.size);
  for (const [name, elements] of inTextOrder(state.sets)) {
    writer.text(name);
    writer.number(elements.size);
    for (const [element, { stamp, present }] of inTextOrder(elements)) {
      writer.text(element);
      writer.number(2 * indexOf.get(stamp)! + (present ? 1 : 0));
    }
  }
}

/** Sorts only where needed: what was unpacked is in order already. */
function inTextOrder<T>(map: ReadonlyMap<string, T>): Iterable<[string, T]> {
  let previous = "";
  for (const name of map.keys()) {
    if (name < previous) return [...map].sort(([a], [b]) => a < b ? -1 : 1);
    previous = name;
  }
  return map;
}
