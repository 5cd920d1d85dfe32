import { assert } from "../base/mod.ts";
import type {
  MemberFacts,
  MemberState,
  MemberUpdate,
  NodeId,
  Opinion,
  Path,
  RecordKey,
  Status,
} from "../cluster/mod.ts";
import { isReading, type Reading, type RecordKind } from "../records/mod.ts";
import type { CborReader } from "./cbor_reader.ts";
import type { CborWriter } from "./cbor_writer.ts";
import { readIdentifier, writeIdentifier } from "./identifiers.ts";
import {
  MEMBERS_MAX,
  MESSAGE_BYTES_MAX,
  RECORDS_MAX,
  ROOTS_MAX,
  SEQUENCES_MAX,
  TEXT_BYTES_MAX,
  UPDATES_MAX,
} from "./limits.ts";
import { WireFormatError } from "./wire_format_error.ts";

/** The kinds that travel as their place in this list; append only. Others go by name. */
const KIND_CODES: readonly RecordKind[] = [
  "user",
  "role",
  "group",
  "template",
  "template_variable",
  "session",
  "api_token",
];

/** The states travel as their place in this list; append only. */
const STATE_CODES: readonly MemberState[] = ["alive", "suspect", "dead", "leaving", "left"];

/** The paths travel as their place in this list; append only. */
const PATH_CODES: readonly Path[] = ["packets", "stream", "relayed"];

const OPINION_ITEMS = 5;
const FACTS_ITEMS = 11;
const STATUS_ITEMS = 9;
/** What may be set at the end of a status, a bit each; a status without any has no such item. */
const STATUS_FLAGS = { diskRefuses: 1 } as const;
/** What CBOR puts before a text of up to 64 KiB. */
const TEXT_HEAD_BYTES_MAX = 3;
/** An update without the two parts that may be missing. */
const UPDATE_ITEMS_MIN = 3;

/** A kind, by number where it is one of ours. */
export function writeKind(writer: CborWriter, kind: RecordKind): void {
  const code = KIND_CODES.indexOf(kind);
  if (code < 0) writer.text(kind);
  else writer.integer(code);
}

/** @throws {WireFormatError} */
export function readKind(reader: CborReader): RecordKind {
  if (reader.atText) return reader.text(TEXT_BYTES_MAX);
  return listed(KIND_CODES, reader.unsigned(), "record kind");
}

function listed<T>(list: readonly T[], code: number, what: string): T {
  if (code < list.length) return list[code];
  throw new WireFormatError("malformed", `Cannot read message: ${what} ${code} is unknown`);
}

/** A list that our own code made too long could not be read by any peer. */
function writeCount(writer: CborWriter, items: { readonly length: number }, countMax: number): void {
  assert(items.length <= countMax, `Cannot encode list of ${items.length} items: ${countMax} are allowed`);
  writer.array(items.length);
}

/** A text that our own configuration made too long could not be read by any peer. */
export function writeText(writer: CborWriter, text: string): void {
  const start = writer.length;
  writer.text(text);
  const bytes = writer.length - start - TEXT_HEAD_BYTES_MAX;
  assert(bytes <= TEXT_BYTES_MAX, `Cannot encode text of ${bytes} bytes, ${TEXT_BYTES_MAX} are allowed: "${text}"`);
}

/** @throws {WireFormatError} also over {@link TEXT_BYTES_MAX} */
export function readText(reader: CborReader): string {
  return reader.text(TEXT_BYTES_MAX);
}

/** [incarnation, members, [kind, root, …], records, wall clock, floor, horizon, agreed members, agreed reading]; flags follow where any is set. */
export function writeStatus(writer: CborWriter, status: Status): void {
  writer.array(status.diskRefuses ? STATUS_ITEMS + 1 : STATUS_ITEMS);
  writer.integer(status.incarnation);
  writeIdentifier(writer, status.membersFingerprint);
  // Kinds come from peers too: too many must not stop us. All servers leave out the same ones, the last by name.
  const roots = status.roots.slice(0, ROOTS_MAX);
  writer.array(2 * roots.length);
  for (const [kind, fingerprint] of roots) {
    writeKind(writer, kind);
    writeIdentifier(writer, fingerprint);
  }
  writer.integer(status.recordCount);
  writer.integer(Math.round(status.wallMs));
  writeIdentifier(writer, status.floor);
  writeIdentifier(writer, status.horizon);
  writeIdentifier(writer, status.agreedSet);
  writeIdentifier(writer, status.agreedAt);
  if (status.diskRefuses) writer.integer(STATUS_FLAGS.diskRefuses);
}

/** @throws {WireFormatError} */
export function readStatus(reader: CborReader): Status {
  let more = reader.arrayOf(STATUS_ITEMS);
  const incarnation = reader.unsigned();
  const membersFingerprint = readIdentifier(reader);
  const roots = readGroups(reader, 2, ROOTS_MAX, () => [readKind(reader), readIdentifier(reader)] as const);
  const status = {
    incarnation,
    membersFingerprint,
    roots,
    recordCount: reader.unsigned(),
    wallMs: reader.integer(),
    floor: readReading(reader),
    horizon: readReading(reader),
    agreedSet: readIdentifier(reader),
    agreedAt: readReading(reader),
  };
  const flags = more > 0 && more-- ? reader.unsigned() : 0;
  reader.skip(more);
  // Bits that a newer version set may exceed 32.
  return flags % 2 === STATUS_FLAGS.diskRefuses ? { ...status, diskRefuses: true } : status;
}

/** @throws {WireFormatError} also on anything but 16 hex digits */
export function readReading(reader: CborReader): Reading {
  const reading = readIdentifier(reader);
  if (isReading(reading)) return reading;
  throw new WireFormatError("malformed", "Cannot read message: a clock reading is not 16 hex digits");
}

/** [id, incarnation, state, by | null, facts]; what is missing at the end is left out. */
export function writeUpdate(writer: CborWriter, { id, incarnation, state, by, facts }: MemberUpdate): void {
  writer.array(facts !== undefined ? 5 : by !== undefined ? 4 : UPDATE_ITEMS_MIN);
  writeIdentifier(writer, id);
  writer.integer(incarnation);
  writer.integer(STATE_CODES.indexOf(state));
  if (by !== undefined) writeIdentifier(writer, by);
  else if (facts !== undefined) writer.null();
  if (facts !== undefined) writeFacts(writer, facts);
}

/** @throws {WireFormatError} */
export function readUpdate(reader: CborReader): MemberUpdate {
  let more = reader.arrayOf(UPDATE_ITEMS_MIN);
  const id = readIdentifier(reader);
  const incarnation = reader.unsigned();
  const state = listed(STATE_CODES, reader.unsigned(), "member state");
  let by: string | undefined;
  let facts: MemberFacts | undefined;
  if (more > 0 && more-- && !reader.skipNull()) by = readIdentifier(reader);
  if (more > 0 && more-- && !reader.skipNull()) facts = readFacts(reader);
  reader.skip(more);
  return { id, incarnation, state, ...(by !== undefined && { by }), ...(facts !== undefined && { facts }) };
}

/** A list of updates: those that ride along, or with another bound all members. */
export function writeUpdates(writer: CborWriter, updates: readonly MemberUpdate[], countMax = UPDATES_MAX): void {
  writeCount(writer, updates, countMax);
  for (const update of updates) writeUpdate(writer, update);
}

/** @throws {WireFormatError} */
export function readUpdates(reader: CborReader, countMax = UPDATES_MAX): MemberUpdate[] {
  return readGroups(reader, 1, countMax, () => readUpdate(reader));
}

function writeFacts(writer: CborWriter, facts: MemberFacts): void {
  writer.array(facts.copying ? FACTS_ITEMS + 1 : FACTS_ITEMS);
  writeText(writer, facts.address);
  writeText(writer, facts.zone);
  writeText(writer, facts.hostname);
  writeText(writer, facts.version);
  writeText(writer, facts.apiEndpoint);
  writeIdentifier(writer, facts.bootId);
  writer.integer(Math.round(facts.startedAtMs));
  writer.integer(facts.protocolMin);
  writer.integer(facts.protocolMax);
  writeIdentifier(writer, facts.lineage);
  writer.integer(facts.saidAt);
  if (facts.copying) writer.boolean(true);
}

function readFacts(reader: CborReader): MemberFacts {
  let more = reader.arrayOf(FACTS_ITEMS);
  const facts = {
    address: readText(reader),
    zone: readText(reader),
    hostname: readText(reader),
    version: readText(reader),
    apiEndpoint: readText(reader),
    bootId: readIdentifier(reader),
    startedAtMs: reader.integer(),
    protocolMin: reader.unsigned(),
    protocolMax: reader.unsigned(),
    lineage: readIdentifier(reader),
    saidAt: reader.unsigned(),
  };
  const copying = more > 0 && more-- > 0 && reader.boolean();
  reader.skip(more);
  return copying ? { ...facts, copying } : facts;
}

/** Groups of five: id, state, path, round trip, silence; numbers are whole, in tenths of a millisecond and milliseconds. */
export function writeOpinions(writer: CborWriter, opinions: readonly Opinion[]): void {
  writeCount(writer, { length: OPINION_ITEMS * opinions.length }, OPINION_ITEMS * MEMBERS_MAX);
  const optional = (value: number | undefined) => value === undefined ? writer.null() : writer.integer(value);
  for (const { id, state, path, roundTripMs, silentMs } of opinions) {
    writeIdentifier(writer, id);
    writer.integer(STATE_CODES.indexOf(state));
    optional(path === undefined ? undefined : PATH_CODES.indexOf(path));
    optional(roundTripMs === undefined ? undefined : Math.round(roundTripMs * 10));
    optional(silentMs === undefined ? undefined : Math.round(silentMs));
  }
}

/** @throws {WireFormatError} */
export function readOpinions(reader: CborReader): Opinion[] {
  const optional = () => reader.skipNull() ? undefined : reader.unsigned();
  return readGroups(reader, OPINION_ITEMS, MEMBERS_MAX, () => {
    const id = readIdentifier(reader);
    const state = listed(STATE_CODES, reader.unsigned(), "member state");
    const path = optional();
    const tenths = optional();
    return {
      id,
      state,
      path: path === undefined ? undefined : listed(PATH_CODES, path, "path"),
      roundTripMs: tenths === undefined ? undefined : tenths / 10,
      silentMs: optional(),
    };
  });
}

/** A member's id, or null for the sender or receiver itself. */
export function writeMember(writer: CborWriter, id: NodeId | undefined): void {
  if (id === undefined) writer.null();
  else writeIdentifier(writer, id);
}

/** @throws {WireFormatError} */
export function readMember(reader: CborReader): NodeId | undefined {
  return reader.skipNull() ? undefined : readIdentifier(reader);
}

/** Keys follow each other in one array, two items each. */
export function writeKeys(writer: CborWriter, keys: readonly RecordKey[]): void {
  writeCount(writer, { length: 2 * keys.length }, 2 * RECORDS_MAX);
  for (const [kind, id] of keys) {
    writeKind(writer, kind);
    writeIdentifier(writer, id);
  }
}

/** @throws {WireFormatError} */
export function readKeys(reader: CborReader): RecordKey[] {
  return readGroups(reader, 2, RECORDS_MAX, () => [readKind(reader), readIdentifier(reader)] as const);
}

/** Numbers of pushes. */
export function writeSequences(writer: CborWriter, sequences: readonly number[]): void {
  writeCount(writer, sequences, SEQUENCES_MAX);
  for (const sequence of sequences) writer.integer(sequence);
}

/** @throws {WireFormatError} */
export function readSequences(reader: CborReader): number[] {
  return readGroups(reader, 1, SEQUENCES_MAX, () => reader.unsigned());
}

/** Packed records, as they are. */
export function writeRecords(writer: CborWriter, records: readonly Uint8Array[]): void {
  writeCount(writer, records, RECORDS_MAX);
  for (const record of records) writer.bytes(record);
}

/**
 * Copies: a record is kept, and a view would keep the whole message with it.
 *
 * @throws {WireFormatError}
 */
export function readRecords(reader: CborReader): Uint8Array[] {
  return readGroups(reader, 1, RECORDS_MAX, () => reader.bytes(MESSAGE_BYTES_MAX).slice());
}

function readGroups<T>(reader: CborReader, itemsEach: number, countMax: number, read: () => T): T[] {
  const items = reader.array(itemsEach * countMax);
  if (items % itemsEach !== 0) {
    throw new WireFormatError("malformed", `Cannot read message: ${items} items do not make groups of ${itemsEach}`);
  }
  const groups: T[] = [];
  for (let left = items; left > 0; left -= itemsEach) groups.push(read());
  return groups;
}
