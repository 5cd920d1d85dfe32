import type { Message } from "../cluster/mod.ts";
import { readIdentifier, writeIdentifier } from "./identifiers.ts";
import { MEMBERS_MAX } from "./limits.ts";
import type { MessageCodec } from "./message_codec.ts";
import {
  readKeys,
  readMember,
  readOpinions,
  readReading,
  readRecords,
  readSequences,
  readStatus,
  readText,
  readUpdates,
  writeKeys,
  writeMember,
  writeOpinions,
  writeRecords,
  writeSequences,
  writeStatus,
  writeText,
  writeUpdates,
} from "./message_parts.ts";
import { RECONCILIATION_CODECS } from "./reconciliation_codecs.ts";

type CodecByKind = { readonly [K in Message["kind"]]: MessageCodec<Extract<Message, { kind: K }>> };

/** The whole wire format of messages: a new kind is one entry with the next tag, 23; 10 to 12 are used up. */
export const CODEC_BY_KIND: CodecByKind = {
  ping: {
    tag: 1,
    items: 4,
    write(writer, { sequence, target, status, updates }) {
      writer.integer(sequence);
      writeIdentifier(writer, target);
      writeStatus(writer, status);
      writeUpdates(writer, updates);
    },
    read: (reader) => ({
      kind: "ping",
      sequence: reader.unsigned(),
      target: readIdentifier(reader),
      status: readStatus(reader),
      updates: readUpdates(reader),
    }),
  },
  ack: {
    tag: 2,
    items: 3,
    write(writer, { sequence, status, updates }) {
      writer.integer(sequence);
      writeStatus(writer, status);
      writeUpdates(writer, updates);
    },
    read: (reader) => ({
      kind: "ack",
      sequence: reader.unsigned(),
      status: readStatus(reader),
      updates: readUpdates(reader),
    }),
  },
  ping_req: {
    tag: 3,
    items: 4,
    write(writer, { sequence, target, address, updates }) {
      writer.integer(sequence);
      writeIdentifier(writer, target);
      writeText(writer, address);
      writeUpdates(writer, updates);
    },
    read: (reader) => ({
      kind: "ping_req",
      sequence: reader.unsigned(),
      target: readIdentifier(reader),
      address: readText(reader),
      updates: readUpdates(reader),
    }),
  },
  nack: {
    tag: 4,
    items: 2,
    write(writer, { sequence, target }) {
      writer.integer(sequence);
      writeIdentifier(writer, target);
    },
    read: (reader) => ({ kind: "nack", sequence: reader.unsigned(), target: readIdentifier(reader) }),
  },
  relayed_ack: {
    tag: 5,
    items: 2,
    write(writer, { sequence, target }) {
      writer.integer(sequence);
      writeIdentifier(writer, target);
    },
    read: (reader) => ({ kind: "relayed_ack", sequence: reader.unsigned(), target: readIdentifier(reader) }),
  },
  gossip: {
    tag: 6,
    items: 1,
    write: (writer, { updates }) => writeUpdates(writer, updates),
    read: (reader) => ({ kind: "gossip", updates: readUpdates(reader) }),
  },
  opinions_req: {
    tag: 13,
    items: 2,
    write(writer, { request, target }) {
      writer.integer(request);
      writeMember(writer, target);
    },
    read(reader) {
      const request = reader.unsigned();
      const target = readMember(reader);
      return { kind: "opinions_req", request, ...(target !== undefined && { target }) };
    },
  },
  opinions: {
    tag: 14,
    items: 3,
    write(writer, { request, of, opinions }) {
      writer.integer(request);
      writeMember(writer, of);
      writeOpinions(writer, opinions);
    },
    read(reader) {
      const request = reader.unsigned();
      const of = readMember(reader);
      return { kind: "opinions", request, ...(of !== undefined && { of }), opinions: readOpinions(reader) };
    },
  },
  members: {
    tag: 7,
    items: 3,
    write(writer, { members, status, answer }) {
      writeUpdates(writer, members, MEMBERS_MAX);
      writeStatus(writer, status);
      writer.boolean(answer);
    },
    read: (reader) => ({
      kind: "members",
      members: readUpdates(reader, MEMBERS_MAX),
      status: readStatus(reader),
      answer: reader.boolean(),
    }),
  },
  push: {
    tag: 8,
    items: 4,
    write(writer, { sequence, lineage, passOn, records }) {
      writer.integer(sequence);
      writeIdentifier(writer, lineage);
      writer.boolean(passOn);
      writeRecords(writer, records);
    },
    read: (reader) => ({
      kind: "push",
      sequence: reader.unsigned(),
      lineage: readIdentifier(reader),
      passOn: reader.boolean(),
      records: readRecords(reader),
    }),
  },
  push_ack: {
    tag: 9,
    items: 1,
    write: (writer, { sequences }) => writeSequences(writer, sequences),
    read: (reader) => ({ kind: "push_ack", sequences: readSequences(reader) }),
  },
  gone: {
    tag: 20,
    items: 5,
    write(writer, { lineage, horizon, known, unknown, untold }) {
      writeIdentifier(writer, lineage);
      writeIdentifier(writer, horizon);
      writeKeys(writer, known);
      writeKeys(writer, unknown);
      writeKeys(writer, untold);
    },
    read: (reader) => ({
      kind: "gone",
      lineage: readIdentifier(reader),
      horizon: readReading(reader),
      known: readKeys(reader),
      unknown: readKeys(reader),
      untold: readKeys(reader),
    }),
  },
  recall: {
    tag: 21,
    items: 3,
    write(writer, { lineage, bootId, floor }) {
      writeIdentifier(writer, lineage);
      writeIdentifier(writer, bootId);
      writeIdentifier(writer, floor);
    },
    read: (reader) => ({
      kind: "recall",
      lineage: readIdentifier(reader),
      bootId: readIdentifier(reader),
      floor: readReading(reader),
    }),
  },
  dispute: {
    tag: 28,
    items: 1,
    write: (writer, { lineage }) => writeIdentifier(writer, lineage),
    read: (reader) => ({ kind: "dispute", lineage: readIdentifier(reader) }),
  },
  ...RECONCILIATION_CODECS,
};
