/**
 * Why bytes from outside could not be read. `unknown_kind`: well formed, but a message kind of a newer version; ignore and
 * count it. `too_large`: over a limit. `malformed`: anything else.
 */
export type WireFormatReason = "malformed" | "too_large" | "unknown_kind";

/** Bytes that came from outside are not what they should be. The only error that decoding throws. */
export class WireFormatError extends Error {
  override readonly name = "WireFormatError";

  constructor(readonly reason: WireFormatReason, message: string) {
    super(message);
  }
}
