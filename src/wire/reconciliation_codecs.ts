import type { ReconciliationMessage } from "../cluster/mod.ts";
import { readKind, readRecords, readText, writeKind, writeRecords, writeText } from "./message_parts.ts";
import type { MessageCodec } from "./message_codec.ts";
import {
  readMentions,
  readPlaces,
  readSpans,
  readTag,
  writeMentions,
  writePlaces,
  writeSpans,
  writeTag,
} from "./reconciliation_parts.ts";

type CodecByKind = {
  readonly [K in ReconciliationMessage["kind"]]: MessageCodec<Extract<ReconciliationMessage, { kind: K }>>;
};

/** What two servers say to find out what differs. */
export const RECONCILIATION_CODECS: CodecByKind = {
  recent: {
    tag: 15,
    items: 3,
    write(writer, { tag, session, mentions }) {
      writeTag(writer, tag);
      writer.integer(session);
      writeMentions(writer, mentions, { versions: true });
    },
    read: (reader) => ({
      kind: "recent",
      tag: readTag(reader),
      session: reader.unsigned(),
      mentions: readMentions(reader, { versions: true }),
    }),
  },
  later: {
    tag: 22,
    items: 2,
    write(writer, { tag, session }) {
      writeTag(writer, tag);
      writer.integer(session);
    },
    read: (reader) => ({ kind: "later", tag: readTag(reader), session: reader.unsigned() }),
  },
  compare: {
    tag: 16,
    items: 6,
    write(writer, { tag, session, first, whole, more, beside, hashBits, spans, wanted, held }) {
      writeTag(writer, tag);
      writer.integer(session);
      // Below 24 a number takes one byte.
      writer.integer(Number(first) + 2 * Number(whole) + 4 * Number(more) + (hashBits === 24 ? 8 : 0) + 16 * beside);
      writeSpans(writer, spans, hashBits);
      writePlaces(writer, wanted);
      writeMentions(writer, held, { versions: false });
    },
    read(reader) {
      const tag = readTag(reader);
      const session = reader.unsigned();
      const flags = reader.unsigned();
      const hashBits = (flags & 8) !== 0 ? 24 : 16;
      return {
        kind: "compare",
        tag,
        session,
        first: (flags & 1) !== 0,
        whole: (flags & 2) !== 0,
        more: (flags & 4) !== 0,
        beside: Math.floor(flags / 16),
        hashBits,
        spans: readSpans(reader, hashBits),
        wanted: readPlaces(reader),
        held: readMentions(reader, { versions: false }),
      };
    },
  },
  records: {
    tag: 17,
    items: 4,
    write(writer, { tag, session, of, more, records }) {
      writeTag(writer, tag);
      writer.integer(session);
      writer.integer(Number(more) + 2 * of);
      writeRecords(writer, records);
    },
    read(reader) {
      const tag = readTag(reader);
      const session = reader.unsigned();
      const flags = reader.unsigned();
      const records = readRecords(reader);
      return { kind: "records", tag, session, of: Math.floor(flags / 2), more: (flags & 1) !== 0, records };
    },
  },
  pull: {
    tag: 18,
    items: 5,
    write(writer, { tag, pull, recordKind, from, upTo }) {
      writeTag(writer, tag);
      writer.integer(pull);
      writeKind(writer, recordKind);
      writeText(writer, from);
      writeText(writer, upTo ?? "");
    },
    read(reader) {
      const tag = readTag(reader);
      const pull = reader.unsigned();
      const recordKind = readKind(reader);
      const from = readText(reader);
      const upTo = readText(reader);
      return { kind: "pull", tag, pull, recordKind, from, upTo: upTo === "" ? null : upTo };
    },
  },
  part: {
    tag: 19,
    items: 4,
    write(writer, { tag, pull, next, records }) {
      writeTag(writer, tag);
      writer.integer(pull);
      writeText(writer, next ?? "");
      writeRecords(writer, records);
    },
    read(reader) {
      const tag = readTag(reader);
      const pull = reader.unsigned();
      const next = readText(reader);
      return { kind: "part", tag, pull, next: next === "" ? null : next, records: readRecords(reader) };
    },
  },
};
