import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { assert, type Entropy, freshBytes } from "../base/mod.ts";
import type { BootId } from "../cluster/mod.ts";
import { ByteQueue } from "./byte_queue.ts";
import { TAG_BYTES } from "./cipher.ts";
import { PACKING_BYTES_MAX, packMessage, unpackMessage } from "./compression.ts";
import { describeOtherKey, type KeyRing, keysById } from "./keys.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";
import { LENGTH_BYTES, MessageAssembly, readLength, writeLength } from "./message_assembly.ts";
import {
  HANDSHAKE_OVERHEAD_BYTES,
  NOISE_MESSAGE_BYTES_MAX,
  NOISE_MESSAGES_MAX,
  NoiseHandshake,
  type NoiseRole,
  type NoiseTransport,
} from "./noise.ts";
import { type Preamble, PREAMBLE_BYTES, readPreamble, startsLikePreamble, writePreamble } from "./preamble.ts";
import { describeOtherProtocol, protocolsMeet } from "./protocol.ts";
import { WireFormatError } from "./wire_format_error.ts";

/** What a stream may carry. */
export interface StreamLimits {
  /** Longest message either way, in bytes. */
  readonly messageBytesMax: number;
  /** Most frames each way, after which the stream is at its end. */
  readonly framesMax: number;
}

/** `own`: the other end is this very process, as when our own address is among the peers. */
export type StreamFailureReason = "garbage" | "other_key" | "other_protocol" | "forged" | "too_large" | "own";

/** Why a stream must be closed. */
export interface StreamFailure {
  readonly reason: StreamFailureReason;
  /** One clause for a log line. */
  readonly text: string;
}

/** What came of a chunk. */
export interface ReceivedChunk {
  /** To be written to the stream, in this order, before anything that is sealed later. Also after a failure. */
  readonly write: readonly Uint8Array[];
  readonly messages: readonly Uint8Array[];
  /** The peer has proved that it holds the key, and was not recorded: messages may be sealed. */
  readonly established: boolean;
  /** The stream is of no use any more: close it once `write` is written. */
  readonly failure?: StreamFailure;
}

/** Bytes of the length before every frame. */
const FRAME_LENGTH_BYTES = 2;
const FRAME_PLAINTEXT_BYTES_MAX = NOISE_MESSAGE_BYTES_MAX - TAG_BYTES;
/** Chunks are taken in pieces of this size, so that a large one does not make a large buffer. */
const PIECE_BYTES = 64 * 1024;

const DEFAULT_LIMITS: StreamLimits = { messageBytesMax: MESSAGE_BYTES_MAX, framesMax: NOISE_MESSAGES_MAX };

/** What is expected next. `proof`: the first transport message, which only a live holder of the key can send. */
type Phase = "preamble" | "handshake" | "proof" | "open" | "failed";

/**
 * One end of a sealed stream of messages, over anything that carries bytes in order.
 *
 * Each side sends its preamble and its Noise message, then an empty transport message, which is the proof: the first Noise
 * message alone can be a recording. Frames are a two-byte length and a Noise message; a message is a four-byte length and its
 * packed bytes, cut over as many frames as it takes, and begins with a frame. Before the proof, every frame has one exact
 * length of at most 65 bytes, so that a stranger gets a few hundred bytes of memory.
 */
export class StreamSession {
  readonly #role: NoiseRole;
  readonly #ring: KeyRing;
  readonly #boot: Uint8Array;
  readonly #bootId: BootId;
  readonly #entropy: Entropy;
  readonly #compression: boolean;
  readonly #limits: StreamLimits;
  readonly #incoming = new ByteQueue();
  readonly #assembly = new MessageAssembly();
  #phase: Phase = "preamble";
  #theirs: { readonly bytes: Uint8Array; readonly preamble: Preamble } | undefined;
  #handshake: NoiseHandshake | undefined;
  #transport: NoiseTransport | undefined;
  #failure: StreamFailure | undefined;

  /** @param bootId of this process, 16 hex digits */
  constructor(
    { role, keys, bootId, entropy, compression, limits }: {
      readonly role: NoiseRole;
      readonly keys: KeyRing;
      readonly bootId: BootId;
      readonly entropy: Entropy;
      readonly compression: boolean;
      readonly limits?: Partial<StreamLimits>;
    },
  ) {
    assert(/^[0-9a-f]{16}$/.test(bootId), `Cannot seal stream: boot id "${bootId}" is not 16 hex digits`);
    this.#role = role;
    this.#ring = keys;
    this.#bootId = bootId;
    this.#boot = hexToBytes(bootId);
    this.#entropy = entropy;
    this.#compression = compression;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** The process at the other end, once `established`; before that anyone's word. */
  get peerBootId(): BootId | undefined {
    return this.#theirs?.preamble.bootId;
  }

  /** What the initiator writes first; the responder has nothing to say yet. */
  start(): Uint8Array | undefined {
    if (this.#role === "responder") return undefined;
    const preamble = writePreamble({ keyId: this.#ring[0].id, boot: this.#boot });
    this.#handshake = this.#newHandshake(this.#ring[0].stream, preamble);
    return concatBytes(preamble, frame(this.#handshake.write()));
  }

  /** Takes what came in; never throws, whatever it is. */
  receive(chunk: Uint8Array): ReceivedChunk {
    const write: Uint8Array[] = [];
    const messages: Uint8Array[] = [];
    for (let at = 0; at < chunk.length && this.#phase !== "failed"; at += PIECE_BYTES) {
      this.#incoming.push(chunk.subarray(at, at + PIECE_BYTES));
      while (this.#step(write, messages));
    }
    this.#incoming.trim();
    const established = this.#phase === "open";
    return this.#failure ? { write, messages, established, failure: this.#failure } : { write, messages, established };
  }

  /**
   * The frames of one message, ready to be written.
   *
   * @param message of at most `messageBytesMax` bytes, once `established`
   * @throws {NonceExhaustedError} after `framesMax` frames: close the stream and open another
   */
  seal(message: Uint8Array): Uint8Array {
    const transport = this.#transport;
    assert(transport !== undefined && this.#phase !== "proof", "Cannot seal message: the stream is not established");
    const { messageBytesMax } = this.#limits;
    assert(message.length <= messageBytesMax, `Cannot seal message: ${message.length} bytes, ${messageBytesMax} fit`);
    const packed = packMessage(message, { compression: this.#compression });
    const plaintext = freshBytes(LENGTH_BYTES + packed.length);
    writeLength(plaintext, packed.length);
    plaintext.set(packed, LENGTH_BYTES);
    return sealFrames(transport, plaintext);
  }

  /** Takes the next expected piece; false when it is not all there, or the stream failed. */
  #step(write: Uint8Array[], messages: Uint8Array[]): boolean {
    if (this.#phase === "preamble") return this.#takePreamble(write);
    if (this.#phase === "failed") return false;
    const start = this.#incoming.peek(FRAME_LENGTH_BYTES);
    if (start.length < FRAME_LENGTH_BYTES) return false;
    const length = start[0] << 8 | start[1];
    if (!this.#isExpected(length)) return this.#fail("garbage", `it sent a frame of ${length} bytes`);
    const framed = this.#incoming.take(FRAME_LENGTH_BYTES + length);
    if (framed === undefined) return false;
    const noiseMessage = framed.subarray(FRAME_LENGTH_BYTES);
    if (this.#phase === "handshake") return this.#takeHandshake(noiseMessage, write);
    const plaintext = this.#transport!.receive.open(noiseMessage);
    if (plaintext === undefined) return this.#fail("forged", "a frame was changed on its way, or sent by someone else");
    if (this.#phase === "proof") {
      this.#phase = "open";
      return true;
    }
    return this.#takeFrame(plaintext, messages);
  }

  #isExpected(length: number): boolean {
    if (this.#phase === "open") return length >= TAG_BYTES;
    if (this.#phase === "proof") return length === TAG_BYTES;
    return length === HANDSHAKE_OVERHEAD_BYTES + (this.#role === "initiator" ? PREAMBLE_BYTES : 0);
  }

  #takePreamble(write: Uint8Array[]): boolean {
    if (!startsLikePreamble(this.#incoming.peek(PREAMBLE_BYTES))) {
      return this.#fail("garbage", "what it sent is no knot cluster stream");
    }
    const bytes = this.#incoming.take(PREAMBLE_BYTES)?.slice();
    if (bytes === undefined) return false;
    const preamble = readPreamble(bytes);
    if (preamble === undefined) return this.#fail("garbage", "what it sent is no knot cluster stream");
    const ring: KeyRing = this.#role === "initiator" ? [this.#ring[0]] : this.#ring; // It must answer with our key.
    const keys = keysById(ring, preamble.keyId);
    const ours = writePreamble({ keyId: (keys ?? ring[0]).id, boot: this.#boot });
    const refusal = this.#refusal(preamble, keys !== undefined);
    if (refusal !== undefined) {
      if (this.#role === "responder") write.push(ours); // So that it can say the same on its side.
      return this.#fail(refusal.reason, refusal.text);
    }
    this.#theirs = { bytes, preamble };
    if (this.#role === "responder") this.#handshake = this.#newHandshake(keys!.stream, bytes);
    this.#phase = "handshake";
    return true;
  }

  #refusal(preamble: Preamble, hasKey: boolean): StreamFailure | undefined {
    if (!protocolsMeet(preamble)) return { reason: "other_protocol", text: describeOtherProtocol(preamble) };
    if (!hasKey) return { reason: "other_key", text: describeOtherKey(this.#ring, preamble.keyId) };
    if (preamble.bootId === this.#bootId) return { reason: "own", text: "the address is this server's own" };
    return undefined;
  }

  #takeHandshake(noiseMessage: Uint8Array, write: Uint8Array[]): boolean {
    const handshake = this.#handshake;
    assert(handshake !== undefined, "Cannot receive: the initiator has not started");
    const payload = handshake.read(noiseMessage);
    if (payload === undefined) return this.#fail("forged", "its handshake does not prove the cluster key");
    const theirs = this.#theirs!;
    if (this.#role === "responder") {
      const ours = writePreamble({ keyId: theirs.preamble.keyId, boot: this.#boot });
      write.push(ours, frame(handshake.write(ours))); // Once in clear, once under the key: the initiator compares.
    } else if (payload.some((byte, at) => byte !== theirs.bytes[at])) {
      return this.#fail("forged", "its preamble was changed on its way");
    }
    this.#transport = handshake.split(this.#limits.framesMax);
    this.#handshake = undefined;
    write.push(sealFrames(this.#transport, new Uint8Array()));
    this.#phase = "proof";
    return true;
  }

  #takeFrame(plaintext: Uint8Array, messages: Uint8Array[]): boolean {
    let part = plaintext;
    if (!this.#assembly.isOpen) {
      if (part.length < LENGTH_BYTES) return this.#fail("garbage", "it sent a message without length");
      const length = readLength(part);
      if (length > this.#limits.messageBytesMax + PACKING_BYTES_MAX) {
        return this.#fail("too_large", `it announced a message of ${length} bytes`);
      }
      part = part.subarray(LENGTH_BYTES);
      if (part.length === length) return this.#takeMessage(part, messages); // Nearly all: nothing is to be joined.
      this.#assembly.begin(length);
    }
    if (!this.#assembly.fits(part)) return this.#fail("garbage", "it sent more than it had announced");
    const packed = this.#assembly.add(part);
    return packed === undefined || this.#takeMessage(packed, messages);
  }

  #takeMessage(packed: Uint8Array, messages: Uint8Array[]): boolean {
    try {
      messages.push(unpackMessage(packed, this.#limits));
      return true;
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      return this.#fail(error.reason === "too_large" ? "too_large" : "garbage", error.message);
    }
  }

  #newHandshake(psk: Uint8Array, prologue: Uint8Array): NoiseHandshake {
    return new NoiseHandshake({ role: this.#role, psk, prologue, entropy: this.#entropy });
  }

  #fail(reason: StreamFailureReason, text: string): false {
    this.#phase = "failed";
    this.#failure = { reason, text };
    return false;
  }
}

/** `plaintext` in as few frames as it takes, at least one. */
function sealFrames({ send }: NoiseTransport, plaintext: Uint8Array): Uint8Array {
  const count = Math.max(1, Math.ceil(plaintext.length / FRAME_PLAINTEXT_BYTES_MAX));
  const frames = freshBytes(plaintext.length + count * (FRAME_LENGTH_BYTES + TAG_BYTES));
  for (let i = 0, to = 0; i < count; i++) {
    const part = plaintext.subarray(i * FRAME_PLAINTEXT_BYTES_MAX, (i + 1) * FRAME_PLAINTEXT_BYTES_MAX);
    writeFrameLength(frames, to, part.length + TAG_BYTES);
    send.seal(part, frames.subarray(to + FRAME_LENGTH_BYTES));
    to += FRAME_LENGTH_BYTES + part.length + TAG_BYTES;
  }
  return frames;
}

function frame(noiseMessage: Uint8Array): Uint8Array {
  const framed = freshBytes(FRAME_LENGTH_BYTES + noiseMessage.length);
  writeFrameLength(framed, 0, noiseMessage.length);
  framed.set(noiseMessage, FRAME_LENGTH_BYTES);
  return framed;
}

/** Big-endian, as all lengths. A view for each would cost more than it saves. */
function writeFrameLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 8;
  bytes[at + 1] = length;
}
