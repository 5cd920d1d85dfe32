import { assert } from "../base/mod.ts";
import { type Mention, type Part, PART_BITS, type Span } from "../cluster/mod.ts";
import { BoundReader, BoundWriter, formOf } from "./bounds.ts";
import type { CborReader } from "./cbor_reader.ts";
import type { CborWriter } from "./cbor_writer.ts";
import { LISTED_MAX, MENTIONS_MAX, RANGES_BYTES_MAX, SPANS_MAX, TEXT_BYTES_MAX } from "./limits.ts";
import { readKind, writeKind } from "./message_parts.ts";
import { TightReader } from "./tight_reader.ts";
import { TightWriter } from "./tight_writer.ts";
import { WireFormatError } from "./wire_format_error.ts";

const PART_KINDS = ["skip", "fingerprint", "list"] as const;
/** Bytes of a tag that is the end of a UUID. */
const TAG_BYTES = 2;
const MENTION_ID_BYTES = 4;
const MENTION_VERSION_BYTES = 3;
/** A stamp's milliseconds. */
const STAMP_MS_MAX = 2 ** 48 - 1;

/** A tag: mostly four hex digits. */
export function writeTag(writer: CborWriter, tag: string): void {
  if (!/^[0-9a-f]{4}$/.test(tag)) return writer.text(tag);
  const tight = new TightWriter();
  tight.fixed(parseInt(tag, 16), TAG_BYTES);
  writer.bytes(tight.finish());
}

/** @throws {WireFormatError} */
export function readTag(reader: CborReader): string {
  if (!reader.atBytes) return reader.text(TEXT_BYTES_MAX);
  return new TightReader(reader.bytes(TAG_BYTES)).fixed(TAG_BYTES).toString(16).padStart(2 * TAG_BYTES, "0");
}

/** [kind, ranges, …], the ranges of each span in one byte string. */
export function writeSpans(writer: CborWriter, spans: readonly Span[], hashBits: number): void {
  assert(spans.length <= SPANS_MAX, `Cannot encode ${spans.length} spans: ${SPANS_MAX} are allowed`);
  writer.array(2 * spans.length);
  for (const { recordKind, lower, parts } of spans) {
    writeKind(writer, recordKind);
    const form = formOf([lower, ...parts.map(({ upper }) => upper)]);
    const tight = new TightWriter();
    tight.fixed(form.hex ? 1 : 0, 1);
    const bounds = new BoundWriter(tight, form);
    if (lower === "") bounds.write(null, 0);
    else bounds.write(lower, 0);
    for (const part of parts) writePart(tight, bounds, part, hashBits);
    writer.bytes(tight.finish());
  }
}

function writePart(tight: TightWriter, bounds: BoundWriter, part: Part, hashBits: number): void {
  bounds.write(part.upper, PART_KINDS.indexOf(part.kind));
  if (part.kind === "fingerprint") tight.fixed(part.fingerprint, PART_BITS / 8);
  if (part.kind !== "list") return;
  tight.number(part.hashes.length);
  for (const hash of part.hashes) tight.fixed(hash, hashBits / 8);
}

/** @throws {WireFormatError} */
export function readSpans(reader: CborReader, hashBits: number): Span[] {
  const spans: Span[] = [];
  const listed = { left: LISTED_MAX };
  const items = reader.array(2 * SPANS_MAX);
  if (items % 2 !== 0) throw new WireFormatError("malformed", "Cannot read message: a span has no ranges");
  for (let left = items; left > 0; left -= 2) {
    const recordKind = readKind(reader);
    const tight = new TightReader(reader.bytes(RANGES_BYTES_MAX));
    const bounds = new BoundReader(tight, { hex: tight.fixed(1) === 1 });
    const lower = bounds.read().bound ?? "";
    const parts: Part[] = [];
    while (tight.left > 0) parts.push(readPart(tight, bounds, hashBits, listed));
    spans.push({ recordKind, lower, parts });
  }
  return spans;
}

function readPart(tight: TightReader, bounds: BoundReader, hashBits: number, listed: { left: number }): Part {
  const { bound: upper, kind: code } = bounds.read();
  const kind = PART_KINDS[code];
  switch (kind) {
    case "skip":
      return { kind, upper };
    case "fingerprint":
      return { kind, upper, fingerprint: tight.fixed(PART_BITS / 8) };
    case "list": {
      const hashes: number[] = [];
      const count = tight.count(hashBits / 8);
      listed.left -= count;
      if (listed.left < 0) throw new WireFormatError("malformed", "Cannot read message: its lists are too long");
      for (let i = 0; i < count; i++) hashes.push(tight.fixed(hashBits / 8));
      return { kind, upper, hashes };
    }
    default:
      throw new WireFormatError("malformed", `Cannot read message: part kind ${code} is unknown`);
  }
}

/** All mentions in one byte string: the least time, then id, version where it matters, and time beyond the least. */
export function writeMentions(
  writer: CborWriter,
  mentions: readonly Mention[],
  { versions }: { versions: boolean },
): void {
  const tight = new TightWriter();
  let leastMs = STAMP_MS_MAX;
  for (const { stampMs } of mentions) leastMs = Math.min(leastMs, stampMs);
  if (mentions.length > 0) tight.number(leastMs);
  for (const { id, version, stampMs } of mentions) {
    tight.fixed(id, MENTION_ID_BYTES);
    if (versions) tight.fixed(version, MENTION_VERSION_BYTES);
    tight.number(stampMs - leastMs);
  }
  writer.bytes(tight.finish());
}

/** @throws {WireFormatError} */
export function readMentions(reader: CborReader, { versions }: { versions: boolean }): Mention[] {
  const tight = new TightReader(reader.bytes(RANGES_BYTES_MAX));
  const mentions: Mention[] = [];
  const leastMs = tight.left > 0 ? tight.number(STAMP_MS_MAX) : 0;
  while (tight.left > 0) {
    if (mentions.length >= MENTIONS_MAX) {
      throw new WireFormatError("malformed", `Cannot read message: more than ${MENTIONS_MAX} records are named`);
    }
    const id = tight.fixed(MENTION_ID_BYTES);
    const version = versions ? tight.fixed(MENTION_VERSION_BYTES) : 0;
    mentions.push({ id, version, stampMs: leastMs + tight.number(STAMP_MS_MAX) });
  }
  return mentions;
}

/** Ascending places in one byte string, each by its distance from the one before. */
export function writePlaces(writer: CborWriter, places: readonly number[]): void {
  const tight = new TightWriter();
  let before = 0;
  for (const place of places) {
    tight.number(place - before);
    before = place;
  }
  writer.bytes(tight.finish());
}

/** @throws {WireFormatError} */
export function readPlaces(reader: CborReader): number[] {
  const tight = new TightReader(reader.bytes(RANGES_BYTES_MAX));
  const places: number[] = [];
  while (tight.left > 0) places.push((places.at(-1) ?? 0) + tight.number(LISTED_MAX + MENTIONS_MAX));
  return places;
}
