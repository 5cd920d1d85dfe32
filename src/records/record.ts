/** The name of a replicated kind: one of ours (see `kinds.ts`), or one that a newer version brought. */
export type RecordKind = string;

/**
 * A hybrid logical clock reading (Kulkarni et al. 2014) as 48 lower-case hex digits: 12 for milliseconds since the
 * Unix epoch, 4 for the logical counter, 32 for the node id. Text order is stamp order.
 */
export type Stamp = string;

/**
 * 16 hex digits: the first 8 bytes of SHA-256 over all (field, element, stamp, value) of a record. Equal versions,
 * equal contents.
 */
export type Version = string;

/** What a register may hold: anything that CBOR carries without tags. */
export type Value = null | boolean | number | string | Uint8Array | Value[] | { [key: string]: Value };

/** One last-writer-wins register. The value stays in its CBOR bytes, so that unknown fields pass unread. */
export interface Register {
  readonly stamp: Stamp;
  readonly value: Uint8Array;
}

/** One element's register in a named set. */
export interface Membership {
  readonly stamp: Stamp;
  readonly present: boolean;
}

/**
 * A record taken apart for merging. A tombstone has `deletedAt` and neither fields nor sets; every other record has at
 * least one register, and no set without elements (a removed element stays, not present).
 */
export interface RecordState {
  readonly kind: RecordKind;
  /** UUIDv7, or a fixed id of ours; at most 64 letters, digits and `. _ : -`. */
  readonly id: string;
  readonly deletedAt?: Stamp;
  /** The stamp of its creation, once no register has it any more; see `birthOf`. */
  readonly born?: Stamp;
  readonly fields: ReadonlyMap<string, Register>;
  readonly sets: ReadonlyMap<string, ReadonlyMap<string, Membership>>;
}

/** A record as the rest of the server reads it. */
export interface RecordView {
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: Version;
  /** Values by field; a field never written is absent. */
  readonly fields: Readonly<Record<string, Value>>;
  /** Present elements by set, in text order; the sets of our kinds are always there, others once written. */
  readonly sets: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds since the Unix epoch of the field's stamp; absent when never written. */
  stampMs(field: string): number | undefined;
  /** The least and greatest milliseconds of all stamps. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}
