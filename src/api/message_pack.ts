import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";

/** Plain maps only: no record extension, which no other MessagePack library reads. */
const packr = new Packr({ useRecords: false, mapsAsObjects: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });

/** Media type of MessagePack, as the original's client sends and accepts it. */
export const MESSAGE_PACK = "application/msgpack";

/** MessagePack bytes of a plain value. */
export function packMessage(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(packr.pack(value));
}

/** @throws {Error} on bytes that are no single MessagePack value */
export function unpackMessage(bytes: Uint8Array): unknown {
  if (bytes[0] === 0xc1) throw new Error("Cannot read MessagePack: byte 0xc1 is never used"); // The library has a value for it.
  return unpackr.unpack(bytes);
}
