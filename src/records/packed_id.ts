import { PACKED_LIVE } from "./pack.ts";

// Format and length of the kind take a byte each, as does the length of the id: see the limits.
const KIND_LENGTH_AT = 1, KIND_AT = 2;

/** The id of the packed record that begins at `at`. All of these read what `unpackRecord` accepted before, and check nothing again. */
export function packedIdAt(bytes: Uint8Array, at: number): string {
  const lengthAt = idLengthAt(bytes, at);
  const codes = new Array<number>(bytes[lengthAt]);
  for (let i = 0; i < codes.length; i++) codes[i] = bytes[lengthAt + 1 + i];
  return String.fromCharCode.apply(undefined, codes);
}

/** Below 0 where the id of the packed record at `at` comes before `text` in text order, 0 where it is the same. Ids are ASCII. */
export function comparePackedIdAt(bytes: Uint8Array, at: number, text: string): number {
  const lengthAt = idLengthAt(bytes, at);
  const length = bytes[lengthAt];
  const shared = Math.min(length, text.length);
  for (let i = 0; i < shared; i++) {
    const difference = bytes[lengthAt + 1 + i] - text.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return length - text.length;
}

/** Whether the packed record that begins at `at` is a tombstone. */
export function isPackedTombstoneAt(bytes: Uint8Array, at: number): boolean {
  const lengthAt = idLengthAt(bytes, at);
  return bytes[lengthAt + 1 + bytes[lengthAt]] !== PACKED_LIVE;
}

function idLengthAt(bytes: Uint8Array, at: number): number {
  return at + KIND_AT + bytes[at + KIND_LENGTH_AT];
}
