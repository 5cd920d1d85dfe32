import { equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { assert, type Entropy } from "../base/mod.ts";
import type { BootId } from "../cluster/mod.ts";
import { BoundedMap } from "./bounded_map.ts";
import { cipher, NONCE_BYTES, TAG_BYTES } from "./cipher.ts";
import { ASK_BYTES, type Hello, HELLO_BODY_BYTES, HINT_BYTES, readHello, writeHello } from "./hello.ts";
import { type ClusterKeys, describeOtherKey, type KeyRing, keysById } from "./keys.ts";
import {
  BOOT_BYTES,
  COUNTER_MAX,
  HEADER_BYTES,
  PACKET_BYTES_MAX,
  type PacketHeader,
  readHeader,
  writeCounter,
  writeHeader,
} from "./packet_header.ts";
import { type BootKeys, deriveBootKeys, derivePairKey, SALT_BYTES } from "./packet_keys.ts";
import { PacketRoutes } from "./packet_routes.ts";
import { describeOtherProtocol, protocolsMeet } from "./protocol.ts";
import { ReplayWindow } from "./replay_window.ts";
import { ReplyLimits } from "./reply_limits.ts";

/** Bytes that a packet between two who know each other adds to its payload. */
export const PACKET_OVERHEAD_BYTES = HEADER_BYTES + HINT_BYTES + TAG_BYTES;
/** Bytes of a hello without payload. */
export const HELLO_BYTES = HEADER_BYTES + SALT_BYTES + HELLO_BODY_BYTES + TAG_BYTES;
/** Largest payload of a packet: it must fit a hello too, since the caller does not know which it will be. */
export const PACKET_PAYLOAD_BYTES_MAX = PACKET_BYTES_MAX - HELLO_BYTES;

/**
 * Hellos before the one that proved a boot which may still come, overtaken by it. Older ones count as seen: we may have
 * known this boot before, and forgotten it.
 */
const HELLO_REORDER = 16;
/** Boots that have proved themselves: a thousand servers, and their last restarts. */
const PEERS_MAX = 4096;
/** First payloads of boots that have yet to prove themselves, 300 kB at most. */
const HELD_MAX = 256;
/** A payload that was held longer is no news any more: its sender has tried again. */
const HELD_MS_MAX = 5_000;
/** How long a nonce for a boot is good, at least, and half of how long at most. Any round trip is shorter. */
const ASK_PERIOD_MS = 10_000;

/**
 * Why a packet was refused. `own`: one of ours came back, as when our own address is among the peers. `unknown_boot`: the
 * sender is not known here and cannot be asked who it is, because the packet is too short or there are too many of them.
 */
export type PacketRefusal =
  | "garbage"
  | "other_key"
  | "other_protocol"
  | "replayed"
  | "unknown_boot"
  | "forged"
  | "own";

/** What became of a datagram. Whatever `datagrams` there are go back to where it came from. */
export type OpenedPacket =
  /** Mostly one payload; two when one was held until its sender had proved itself. */
  | {
    readonly kind: "payload";
    readonly bootId: BootId;
    readonly payloads: readonly Uint8Array[];
    readonly datagrams: readonly Uint8Array[];
  }
  | { readonly kind: "reply"; readonly datagrams: readonly Uint8Array[] }
  | { readonly kind: "rejected"; readonly reason: PacketRefusal; readonly detail?: string };

/** A boot that answered our nonce: it runs now, and what it says is no recording. */
interface Peer {
  readonly bootId: BootId;
  readonly boot: Uint8Array;
  readonly keys: BootKeys;
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  readonly window: ReplayWindow;
  readonly helloWindow: ReplayWindow;
  nextCounter: number;
  /** It has our answer to its nonce, so it opens sealed packets. */
  knowsUs: boolean;
  /** Its last nonce. */
  ask: Uint8Array;
}

interface HeldPayload {
  readonly payload: Uint8Array;
  readonly counter: number;
  readonly atMs: number;
}

/**
 * Seals and opens the datagrams of one process. Every process start has a key of its own, made from 32 random bytes that
 * travel in *hello* packets until the other side has shown that it knows them; from then on packets are *sealed* for one
 * receiver and carry the boot id only. A boot counts as running after it answered a fresh nonce of ours; its first payload
 * is held until then, so that it costs a round trip and is not lost. Nothing that comes in makes it throw.
 */
export class PacketSessions {
  readonly #ring: KeyRing;
  readonly #boot: Uint8Array;
  readonly #bootId: BootId;
  readonly #salt: Uint8Array;
  readonly #ownKeys: BootKeys;
  readonly #askSecret: Uint8Array;
  readonly #now: () => number;
  readonly #routes: PacketRoutes;
  readonly #limits: ReplyLimits;
  readonly #held = new BoundedMap<BootId, HeldPayload>(HELD_MAX);
  readonly #peers = new BoundedMap<BootId, Peer>(PEERS_MAX, (peer) => {
    this.#freeCounter = Math.max(this.#freeCounter, peer.nextCounter);
  });
  #helloCounter = 0;
  /** Above all counters of forgotten peers: one that comes back has the same key again, and must not repeat a nonce. */
  #freeCounter = 0;

  /**
   * @param bootId of this process, 16 hex digits
   * @param now monotonic milliseconds
   */
  constructor(
    { keys, bootId, entropy, now }: {
      readonly keys: KeyRing;
      readonly bootId: BootId;
      readonly entropy: Entropy;
      readonly now: () => number;
    },
  ) {
    assert(/^[0-9a-f]{16}$/.test(bootId), `Cannot seal packets: boot id "${bootId}" is not 16 hex digits`);
    this.#ring = keys;
    this.#bootId = bootId;
    this.#boot = hexToBytes(bootId);
    this.#salt = entropy(SALT_BYTES);
    this.#ownKeys = deriveBootKeys(keys[0].datagram, { salt: this.#salt, boot: this.#boot });
    this.#askSecret = entropy(32);
    this.#now = now;
    this.#routes = new PacketRoutes(entropy);
    this.#limits = new ReplyLimits(now());
  }

  /** @param payload of 1 to {@link PACKET_PAYLOAD_BYTES_MAX} bytes */
  seal(to: string, payload: Uint8Array): Uint8Array {
    assert(
      payload.length > 0 && payload.length <= PACKET_PAYLOAD_BYTES_MAX,
      `Cannot seal packet: ${payload.length} bytes, 1 to ${PACKET_PAYLOAD_BYTES_MAX} fit`,
    );
    const route = this.#routes.to(to);
    const peer = route.boot === undefined ? undefined : this.#peers.get(route.boot);
    if (peer === undefined) return this.#sealHello({ ask: route.ask, payload });
    if (!peer.knowsUs) return this.#sealHello({ ...this.#greeting(peer.boot, peer), echo: peer.ask, payload });
    return this.#sealFor(peer, payload);
  }

  /** @param from socket address of the sender */
  open(from: string, datagram: Uint8Array): OpenedPacket {
    const header = readHeader(datagram);
    if (header === undefined) return rejected("garbage");
    if (!protocolsMeet(header)) return rejected("other_protocol", describeOtherProtocol(header));
    const keys = keysById(this.#ring, header.keyId);
    if (keys === undefined) return rejected("other_key", describeOtherKey(this.#ring, header.keyId));
    const bootId = bytesToHex(header.boot);
    if (bootId === this.#bootId) return rejected("own", "it was sent by this server");
    const packet = { from, datagram, header, bootId };
    switch (header.form) {
      case "hello":
        return this.#openHello(packet, keys);
      case "sealed":
        return this.#openSealed(packet);
      case undefined:
        return rejected("other_protocol", "it has a form of a newer version");
    }
  }

  #openSealed(packet: IncomingPacket): OpenedPacket {
    const { datagram, header } = packet;
    if (datagram.length < PACKET_OVERHEAD_BYTES) return rejected("garbage");
    const boxAt = HEADER_BYTES + HINT_BYTES;
    const hint = datagram.subarray(HEADER_BYTES, boxAt);
    const isForUs = equalBytes(hint, this.#boot.subarray(0, HINT_BYTES));
    const peer = this.#peers.peek(packet.bootId);
    if (peer === undefined || !isForUs) return this.#askWhoItIs(packet, isForUs ? undefined : hint);
    if (peer.window.seen(header.counter)) return rejected("replayed");
    const context = {
      key: peer.receiveKey,
      nonce: nonceOf(header.counter),
      associated: datagram.subarray(0, boxAt),
    };
    const payload = cipher.open(context, datagram.subarray(boxAt));
    if (payload === undefined) return rejected("forged");
    peer.window.mark(header.counter);
    peer.knowsUs = true; // Or it would not have sealed for us.
    this.#peers.touch(peer.bootId);
    return { kind: "payload", bootId: peer.bootId, payloads: [payload], datagrams: [] };
  }

  /** Answers a packet that cannot be opened here, never with more bytes than it had. */
  #askWhoItIs({ from, datagram, header, bootId }: IncomingPacket, missed: Uint8Array | undefined): OpenedPacket {
    if (datagram.length < HELLO_BYTES || !this.#limits.take("unreadable", from, this.#now())) {
      return rejected("unknown_boot");
    }
    const greeting = this.#greeting(header.boot, this.#peers.peek(bootId));
    return { kind: "reply", datagrams: [this.#sealHello({ ...greeting, missed })] };
  }

  #openHello(packet: IncomingPacket, keys: ClusterKeys): OpenedPacket {
    const { from, datagram, header, bootId } = packet;
    if (datagram.length < HELLO_BYTES) return rejected("garbage");
    const known = this.#peers.peek(bootId);
    if (known?.helloWindow.seen(header.counter)) return rejected("replayed");
    const saltEnd = HEADER_BYTES + SALT_BYTES;
    const salt = datagram.subarray(HEADER_BYTES, saltEnd);
    const bootKeys = known?.keys ?? deriveBootKeys(keys.datagram, { salt, boot: header.boot });
    const context = { key: bootKeys.hello, nonce: nonceOf(header.counter), associated: datagram.subarray(0, saltEnd) };
    const plaintext = cipher.open(context, datagram.subarray(saltEnd));
    const hello = plaintext && readHello(plaintext);
    if (hello === undefined) return rejected("forged");

    const isForUs = hello.to !== undefined && equalBytes(hello.to, this.#boot);
    if (isForUs && hello.missed) this.#forgetBootsLike(hello.missed);
    const isProved = isForUs && hello.echo !== undefined && this.#takeProof(packet, hello.echo);
    const peer = known ?? (isProved ? this.#admit(packet, bootKeys, hello) : undefined);
    const payload = hello.to === undefined || isForUs ? hello.payload : NOTHING; // Else meant for who was here before us.
    if (peer === undefined) {
      this.#hold(packet, payload);
      return this.#answer(from, this.#greeting(header.boot, undefined), hello, []);
    }
    peer.helloWindow.mark(header.counter);
    this.#peers.touch(bootId);
    peer.ask = hello.ask.slice();
    if (isForUs) peer.knowsUs = hello.knowsYou;
    const payloads = [this.#release(peer), payload].filter((one) => one.length > 0);
    const opened: OpenedPacket = { kind: "payload", bootId, payloads, datagrams: [] };
    // A hello that carries something comes from a sender that does not know yet that we know it.
    if (hello.knowsYou && isForUs && hello.payload.length === 0) return payloads.length > 0 ? opened : NO_REPLY;
    return this.#answer(from, this.#greeting(peer.boot, peer), hello, payloads);
  }

  /** The answer to a hello, with what was opened; without the answer where there were too many. */
  #answer(
    from: string,
    greeting: Greeting,
    hello: Hello,
    payloads: readonly Uint8Array[],
  ): OpenedPacket {
    const isAllowed = this.#limits.take("hello", from, this.#now());
    // What was meant for who was here before us asks nothing of us; its sender must learn that they are gone.
    const missed = hello.to && !equalBytes(hello.to, this.#boot) ? hello.to.subarray(0, HINT_BYTES) : undefined;
    const reply = { ...greeting, missed, echo: missed ? undefined : hello.ask };
    const datagrams = isAllowed ? [this.#sealHello(reply)] : [];
    if (payloads.length > 0) return { kind: "payload", bootId: bytesToHex(greeting.to), payloads, datagrams };
    return isAllowed ? { kind: "reply", datagrams } : rejected("unknown_boot", "too many greet this server");
  }

  /** Whether `echo` answers a nonce of ours: one sent to that boot, or to an address, which is thereby its address. */
  #takeProof({ from, header, bootId }: IncomingPacket, echo: Uint8Array): boolean {
    const route = this.#routes.asked(echo);
    const period = Math.floor(this.#now() / ASK_PERIOD_MS);
    const isProof = route !== undefined ||
      [period, period - 1].some((one) => equalBytes(echo, this.#askFor(header.boot, one)));
    if (!isProof) return false;
    this.#routes.assign(this.#routes.to(from), bootId);
    if (route !== undefined) this.#routes.answered(route, bootId);
    return true;
  }

  #admit({ header, bootId }: IncomingPacket, keys: BootKeys, hello: Hello): Peer {
    const boot = header.boot.slice();
    const peer: Peer = {
      bootId,
      boot,
      keys,
      sendKey: derivePairKey(this.#ownKeys, boot),
      receiveKey: derivePairKey(keys, this.#boot),
      window: new ReplayWindow(hello.counterFrom),
      helloWindow: new ReplayWindow(Math.max(0, header.counter - HELLO_REORDER)),
      nextCounter: this.#freeCounter,
      knowsUs: false,
      ask: hello.ask,
    };
    this.#peers.set(bootId, peer);
    return peer;
  }

  #hold({ header, bootId }: IncomingPacket, payload: Uint8Array): void {
    if (payload.length === 0) return;
    this.#held.set(bootId, { payload: payload.slice(), counter: header.counter, atMs: this.#now() });
  }

  /** The payload that was held for a peer, empty when there is none or it is old. */
  #release({ bootId, helloWindow }: Peer): Uint8Array {
    const held = this.#held.peek(bootId);
    if (held === undefined) return NOTHING;
    this.#held.delete(bootId);
    if (this.#now() - held.atMs > HELD_MS_MAX || helloWindow.seen(held.counter)) return NOTHING;
    helloWindow.mark(held.counter);
    return held.payload;
  }

  #forgetBootsLike(hint: Uint8Array): void {
    const start = bytesToHex(hint);
    this.#routes.forget((bootId) => bootId.startsWith(start));
  }

  /**
   * The nonce for one boot. Derived, not remembered: recorded hellos of a thousand dead boots take no memory. It changes,
   * so that answers become worthless.
   */
  #askFor(boot: Uint8Array, period: number): Uint8Array {
    const message = new Uint8Array(BOOT_BYTES + 6);
    message.set(boot);
    writeCounter(message, BOOT_BYTES, Math.max(0, period));
    return hmac(sha256, this.#askSecret, message).subarray(0, ASK_BYTES);
  }

  #greeting(boot: Uint8Array, peer: Peer | undefined): Greeting {
    return {
      knowsYou: peer !== undefined,
      ask: this.#askFor(boot, Math.floor(this.#now() / ASK_PERIOD_MS)),
      to: boot,
      counterFrom: peer?.nextCounter ?? this.#freeCounter,
    };
  }

  #sealHello(said: Partial<Hello> & Pick<Hello, "ask">): Uint8Array {
    const plaintext = writeHello({ ...EMPTY_HELLO, ...said });
    const counter = this.#helloCounter++;
    assert(counter <= COUNTER_MAX, "Cannot seal hello: all counters of this process are used");
    const saltEnd = HEADER_BYTES + SALT_BYTES;
    const packet = new Uint8Array(saltEnd + plaintext.length + TAG_BYTES);
    writeHeader(packet, { form: "hello", keyId: this.#ring[0].id, boot: this.#boot, counter });
    packet.set(this.#salt, HEADER_BYTES);
    const associated = packet.subarray(0, saltEnd);
    cipher.seal({ key: this.#ownKeys.hello, nonce: nonceOf(counter), associated }, plaintext, packet.subarray(saltEnd));
    return packet;
  }

  #sealFor(peer: Peer, payload: Uint8Array): Uint8Array {
    const counter = peer.nextCounter++;
    assert(counter <= COUNTER_MAX, "Cannot seal packet: all counters of this process are used");
    const boxAt = HEADER_BYTES + HINT_BYTES;
    const packet = new Uint8Array(payload.length + PACKET_OVERHEAD_BYTES);
    writeHeader(packet, { form: "sealed", keyId: this.#ring[0].id, boot: this.#boot, counter });
    packet.set(peer.boot.subarray(0, HINT_BYTES), HEADER_BYTES);
    const associated = packet.subarray(0, boxAt);
    cipher.seal({ key: peer.sendKey, nonce: nonceOf(counter), associated }, payload, packet.subarray(boxAt));
    return packet;
  }
}

/** A datagram with what its header says. */
interface IncomingPacket {
  readonly from: string;
  readonly datagram: Uint8Array;
  readonly header: PacketHeader;
  readonly bootId: BootId;
}

/** The part of a hello that depends on whom it greets. */
type Greeting = Pick<Hello, "knowsYou" | "ask" | "counterFrom"> & { readonly to: Uint8Array };

const NOTHING = new Uint8Array();
const NO_REPLY: OpenedPacket = { kind: "reply", datagrams: [] };
const EMPTY_HELLO = {
  knowsYou: false,
  echo: undefined,
  missed: undefined,
  to: undefined,
  counterFrom: 0,
  payload: NOTHING,
};

function rejected(reason: PacketRefusal, detail?: string): OpenedPacket {
  return detail === undefined ? { kind: "rejected", reason } : { kind: "rejected", reason, detail };
}

function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  writeCounter(nonce, NONCE_BYTES - 6, counter);
  return nonce;
}
