/** Longest record id in bytes: a UUID takes 36, the rest is room for fixed ids. */
export const ID_BYTES_MAX = 64;
/** Longest kind in bytes; it is part of every key in storage and on the wire. */
export const KIND_BYTES_MAX = 32;
/** Longest name of a field or set in bytes. */
export const FIELD_NAME_BYTES_MAX = 64;
/** Longest set element in bytes: zones have up to 64 characters of up to 4 bytes. */
export const ELEMENT_BYTES_MAX = 256;
/** Largest encoded value in bytes: 10 MiB of job, volumes or variable, and room for their encoding. */
export const VALUE_BYTES_MAX = 11 * 1024 * 1024;
/** Deepest nesting inside a value; ours have four levels, and decoders recurse. */
export const VALUE_DEPTH_MAX = 32;
/** Most items inside a value; one byte of CBOR can become an object of many. */
export const VALUE_ITEMS_MAX = 100_000;

/** How much one record may hold. */
export interface RecordLimits {
  /** Registers; a template has about 40. */
  readonly fieldsMax: number;
  readonly setsMax: number;
  /** Elements in one set, removed ones included: each keeps its register. */
  readonly setElementsMax: number;
  /** Names, values and elements, and {@link REGISTER_OVERHEAD_BYTES} for each register. */
  readonly bytesMax: number;
}

/** What is accepted from a store, a peer or a merge. */
export const ACCEPTED_LIMITS: RecordLimits = {
  fieldsMax: 256,
  setsMax: 32,
  setElementsMax: 10_000,
  bytesMax: 24 * 1024 * 1024,
};

/**
 * What a write may make: half of what is accepted, so that what two sides of a partition wrote still fits when merged.
 * A merge past the limit could never be stored or passed on.
 */
export const WRITTEN_LIMITS: RecordLimits = {
  fieldsMax: ACCEPTED_LIMITS.fieldsMax / 2,
  setsMax: ACCEPTED_LIMITS.setsMax / 2,
  setElementsMax: ACCEPTED_LIMITS.setElementsMax / 2,
  bytesMax: ACCEPTED_LIMITS.bytesMax / 2,
};

/**
 * Most that a register takes beside its name and value when packed: a stamp of its own (24) and lengths and index (≤
 * 12).
 */
export const REGISTER_OVERHEAD_BYTES = 36;

/** Largest packed record in bytes: the registers, and what stands before them (kind, id, counts). */
export const PACKED_BYTES_MAX = ACCEPTED_LIMITS.bytesMax + 1024;
