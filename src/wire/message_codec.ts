import type { CborReader } from "./cbor_reader.ts";
import type { CborWriter } from "./cbor_writer.ts";

/** How one kind of message lies on the wire. */
export interface MessageCodec<M> {
  /** Number of the kind on the wire. Never changed, never used again for another. */
  readonly tag: number;
  /** Items that `write` writes and `read` reads. Newer versions may append more, which are skipped. */
  readonly items: number;
  write(writer: CborWriter, message: M): void;
  read(reader: CborReader): M;
}
