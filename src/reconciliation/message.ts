import type { RecordKind } from "../records/mod.ts";

/** (kind, id) of one record. */
export type RecordKey = readonly [kind: RecordKind, id: string];

/** What is said of the ids of one kind from the bound before up to and without `upper` (null: to the end). */
export type Part =
  /** Nothing: there is nothing to do here. */
  | { readonly kind: "skip"; readonly upper: string | null }
  /** Short salted fingerprint of all that the sender holds there, {@link PART_BITS} bits. */
  | { readonly kind: "fingerprint"; readonly upper: string | null; readonly fingerprint: number }
  /** Short salted hash of each record that the sender holds there, in id order. */
  | { readonly kind: "list"; readonly upper: string | null; readonly hashes: readonly number[] };

/** Bits of a short fingerprint. One in 65,536 differences hides behind it once; the next session has another salt. */
export const PART_BITS = 16;

/** Parts of one kind that follow each other, from `lower` on. */
export interface Span {
  readonly recordKind: RecordKind;
  readonly lower: string;
  readonly parts: readonly Part[];
}

/** One record, named in short: for whoever knows it already. */
export interface Mention {
  /** Salted hash of the id, 32 bits. */
  readonly id: number;
  /** Short hash of (id, version), 24 bits; 0 where only the id matters. */
  readonly version: number;
  /** Milliseconds of the greatest stamp. */
  readonly stampMs: number;
}

/**
 * How two servers find out what differs, and mend it. `tag` is the end of the data set's id. `session` is the number that whoever
 * began gave the exchange, and the salt of its short hashes.
 */
export type ReconciliationMessage =
  /** Begins: all that has come to the sender since the two last held the same. */
  | { kind: "recent"; tag: string; session: number; mentions: readonly Mention[] }
  /** To whoever began: the sender exchanges much with somebody else already, and passes on what comes of it. */
  | { kind: "later"; tag: string; session: number }
  /**
   * Fingerprints and lists of parts that differ or may; and, about the lists and mentions of the message before: places of records
   * that the sender wants, and records that it holds in their place.
   */
  | {
    kind: "compare";
    tag: string;
    session: number;
    first: boolean;
    /** Speaks of every kind that the sender holds. */
    whole: boolean;
    /** Not everything that differs found room: compare again. */
    more: boolean;
    /** So many messages of records are sent beside it. */
    beside: number;
    /** Bits of each hash in the lists, 16 or 24. */
    hashBits: number;
    spans: readonly Span[];
    wanted: readonly number[];
    held: readonly Mention[];
  }
  /**
   * Records that the receiver lacks. `of`: so many such messages are the answer; 0 where a `compare` answers beside it. `more`: as above.
   * Session 0: what the receiver had sent was merged, and came to more.
   */
  | {
    kind: "records";
    tag: string;
    session: number;
    of: number;
    more: boolean;
    records: readonly Uint8Array[];
  }
  /** Asks for all records of one kind from `from` up to and without `upTo`; the answer is a `part` with the same number. */
  | { kind: "pull"; tag: string; pull: number; recordKind: RecordKind; from: string; upTo: string | null }
  /** The first of them; `next` is where to go on, null when that was all. */
  | { kind: "part"; tag: string; pull: number; next: string | null; records: readonly Uint8Array[] };
