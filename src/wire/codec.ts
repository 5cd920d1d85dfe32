import type { Envelope, MemberUpdate, Message, NodeId } from "../cluster/mod.ts";
import { CborReader } from "./cbor_reader.ts";
import { CborWriter } from "./cbor_writer.ts";
import { readIdentifier, writeIdentifier } from "./identifiers.ts";
import type { MessageCodec } from "./message_codec.ts";
import { CODEC_BY_KIND } from "./message_codecs.ts";
import { RECONCILIATION_CODECS } from "./reconciliation_codecs.ts";
import { writeUpdate } from "./message_parts.ts";
import { WireFormatError } from "./wire_format_error.ts";

/** Items of an envelope before those of its message: tag and sender. */
const ENVELOPE_ITEMS = 2;

const codecByTag = new Map<number, MessageCodec<Message>>();
for (const codec of Object.values(CODEC_BY_KIND)) codecByTag.set(codec.tag, codec as MessageCodec<Message>);

/** One for all: encoding neither waits nor calls back, and a warm buffer halves its cost. */
const writer = new CborWriter();

/**
 * The sender as the envelope of `message` names it: "" for parts of a comparison, which are small and many, and come from whoever
 * has said its name under this boot before.
 */
export function senderNamed(nodeId: NodeId, { kind }: Message): NodeId {
  return kind in RECONCILIATION_CODECS ? "" : nodeId;
}

/**
 * A message and its sender in one CBOR array: `[tag, from, …items of the message]`.
 *
 * @throws {AssertionError} when our own code made a message over the limits
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  writeEnvelope(envelope);
  return writer.take();
}

/** Bytes that {@link encodeEnvelope} would give. */
export function measureEnvelope(envelope: Envelope): number {
  writeEnvelope(envelope);
  return writer.length;
}

/** Bytes that `update` takes in a message's `updates`; each list of updates takes 1 to 3 besides. */
export function measureUpdate(update: MemberUpdate): number {
  writer.clear();
  writeUpdate(writer, update);
  return writer.length;
}

/**
 * Reads what {@link encodeEnvelope} wrote, here or by another version: items that a newer one appended are skipped.
 *
 * @throws {WireFormatError} whatever the bytes; `unknown_kind` when a newer version sent a kind that this one does not know
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const reader = new CborReader(bytes);
  const items = ENVELOPE_ITEMS + reader.arrayOf(ENVELOPE_ITEMS);
  const tag = reader.unsigned();
  const codec = codecByTag.get(tag);
  if (codec === undefined) {
    throw new WireFormatError("unknown_kind", `Cannot read message: kind ${tag} is unknown here`);
  }
  const more = items - ENVELOPE_ITEMS - codec.items;
  if (more < 0) {
    throw new WireFormatError("malformed", `Cannot read message: ${items} items, kind ${tag} needs ${items - more}`);
  }
  const from = readIdentifier(reader);
  const message = codec.read(reader);
  reader.skip(more);
  if (!reader.atEnd) throw new WireFormatError("malformed", "Cannot read message: bytes follow its end");
  return { from, message };
}

function writeEnvelope({ from, message }: Envelope): void {
  const codec = CODEC_BY_KIND[message.kind] as MessageCodec<Message>;
  writer.clear();
  writer.array(ENVELOPE_ITEMS + codec.items);
  writer.integer(codec.tag);
  writeIdentifier(writer, from);
  codec.write(writer, message);
}
