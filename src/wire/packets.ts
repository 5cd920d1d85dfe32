import { equalBytes } from "@noble/ciphers/utils.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { assert, type Entropy } from "../base/mod.ts";
import type { BootId } from "../cluster/mod.ts";
import { BootChallenges } from "./boot_challenges.ts";
import { BoundedMap } from "./bounded_map.ts";
import { HeldPayloads } from "./held_payloads.ts";
import type { Hello } from "./hello.ts";
import { type ClusterKeys, describeOtherKey, type KeyRing, keysById } from "./keys.ts";
import {
  boxHello,
  boxPayload,
  HELLO_BYTES,
  hintOf,
  type OwnBoot,
  PACKET_OVERHEAD_BYTES,
  PACKET_PAYLOAD_BYTES_MAX,
  receiverHintOf,
  saltOf,
  unboxHello,
  unboxPayload,
} from "./packet_boxes.ts";
import { COUNTER_MAX, type PacketHeader, readHeader } from "./packet_header.ts";
import { type BootKeys, deriveBootKeys, derivePairKey, SALT_BYTES } from "./packet_keys.ts";
import { PacketRoutes } from "./packet_routes.ts";
import { describeOtherProtocol, protocolsMeet } from "./protocol.ts";
import { ReplayWindow } from "./replay_window.ts";
import { ReplyLimits } from "./reply_limits.ts";

/** Boots that have proved themselves: a thousand servers, and their last restarts. */
const PEERS_MAX = 4096;
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
  /** Mostly one payload; more when some were held until its sender had proved itself. */
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
const EMPTY_HELLO = {
  knowsYou: false,
  echo: undefined,
  missed: undefined,
  to: undefined,
  counterFrom: 0,
  payload: NOTHING,
};

/**
 * Seals and opens the datagrams of one process. Every process start has a key of its own, made from 32 random bytes that
 * travel in *hello* packets until the other side has shown that it knows them; from then on packets are *sealed* for one
 * receiver and carry the boot id only. A boot counts as running after it answered a fresh nonce of ours; its first payload
 * is held until then, so that it costs a round trip and is not lost. Nothing that comes in makes it throw.
 */
export class PacketSessions {
  readonly #ring: KeyRing;
  readonly #bootId: BootId;
  readonly #own: OwnBoot;
  readonly #now: () => number;
  readonly #challenges: BootChallenges;
  readonly #routes: PacketRoutes;
  readonly #limits: ReplyLimits;
  readonly #held = new HeldPayloads();
  readonly #peers: BoundedMap<BootId, Peer>;
  #helloCounter = 0;
  /** Above all counters of forgotten peers: one that comes back has the same key again, and must not repeat a nonce. */
  #freeCounter = 0;

  /**
   * @param bootId of this process, 16 hex digits
   * @param now monotonic milliseconds
   * @param peersMax boots that are remembered; past that the one goes that was silent longest
   */
  constructor(
    { keys, bootId, entropy, now, peersMax = PEERS_MAX }: {
      readonly keys: KeyRing;
      readonly bootId: BootId;
      readonly entropy: Entropy;
      readonly now: () => number;
      readonly peersMax?: number;
    },
  ) {
    assert(/^[0-9a-f]{16}$/.test(bootId), `Cannot seal packets: boot id "${bootId}" is not 16 hex digits`);
    const [boot, salt] = [hexToBytes(bootId), entropy(SALT_BYTES)];
    this.#ring = keys;
    this.#bootId = bootId;
    this.#own = { keyId: keys[0].id, boot, salt, keys: deriveBootKeys(keys[0].datagram, { salt, boot }) };
    this.#now = now;
    this.#challenges = new BootChallenges(entropy, now);
    this.#routes = new PacketRoutes(entropy);
    this.#limits = new ReplyLimits(now());
    this.#peers = new BoundedMap(peersMax, ({ nextCounter }) => {
      this.#freeCounter = Math.max(this.#freeCounter, nextCounter);
    });
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
    const counter = peer.nextCounter++;
    assert(counter <= COUNTER_MAX, "Cannot seal packet: all counters of this process are used");
    return boxPayload(this.#own, { key: peer.sendKey, receiver: peer.boot, counter }, payload);
  }

  /** @param from socket address of the sender */
  open(from: string, datagram: Uint8Array): OpenedPacket {
    const header = readHeader(datagram);
    if (header === undefined) return rejected("garbage");
    if (!protocolsMeet(header)) return rejected("other_protocol", describeOtherProtocol(header));
    const keys = keysById(this.#ring, header.keyId);
    if (keys === undefined) return rejected("other_key", describeOtherKey(this.#ring, header.keyId));
    const packet = { from, datagram, header, bootId: bytesToHex(header.boot) };
    if (packet.bootId === this.#bootId) return rejected("own", "it was sent by this server");
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
    const { datagram, header, bootId } = packet;
    if (datagram.length < PACKET_OVERHEAD_BYTES) return rejected("garbage");
    const hint = receiverHintOf(datagram);
    const isForUs = equalBytes(hint, hintOf(this.#own.boot));
    const peer = this.#peers.peek(bootId);
    if (peer === undefined || !isForUs) return this.#askWhoItIs(packet, isForUs ? undefined : hint);
    if (peer.window.seen(header.counter)) return rejected("replayed");
    const payload = unboxPayload(peer.receiveKey, header, datagram);
    if (payload === undefined) return rejected("forged");
    peer.window.mark(header.counter);
    peer.knowsUs = true; // Or it would not have sealed for us.
    this.#peers.touch(bootId);
    return { kind: "payload", bootId, payloads: [payload], datagrams: [] };
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
    const bootKeys = known?.keys ?? deriveBootKeys(keys.datagram, { salt: saltOf(datagram), boot: header.boot });
    const hello = unboxHello(bootKeys, header, datagram);
    if (hello === undefined) return rejected("forged");

    const isForUs = hello.to !== undefined && equalBytes(hello.to, this.#own.boot);
    if (isForUs && hello.missed) this.#forgetBootsLike(hello.missed);
    const isProved = isForUs && hello.echo !== undefined && this.#takeProof(packet, hello.echo);
    const peer = known ?? (isProved ? this.#admit(packet, bootKeys, hello) : undefined);
    const payload = hello.to === undefined || isForUs ? hello.payload : NOTHING; // Else meant for who was here before us.
    if (peer === undefined) {
      if (payload.length > 0) this.#held.hold(bootId, { payload, counter: header.counter }, this.#now());
      return this.#answer(from, this.#greeting(header.boot, undefined), hello, []);
    }
    this.#peers.touch(bootId);
    peer.helloWindow.mark(header.counter);
    peer.ask = hello.ask.slice();
    if (isForUs) peer.knowsUs = hello.knowsYou;
    const payloads = [...this.#releaseHeld(peer), payload].filter((one) => one.length > 0);
    // Whoever sends a payload in a hello does not know yet that we know it.
    const isAnswerNeeded = !isForUs || !hello.knowsYou || hello.payload.length > 0;
    if (isAnswerNeeded) return this.#answer(from, this.#greeting(peer.boot, peer), hello, payloads);
    return payloads.length > 0
      ? { kind: "payload", bootId, payloads, datagrams: [] }
      : { kind: "reply", datagrams: [] };
  }

  /** The answer to a hello, with what was opened; without the answer where there were too many. */
  #answer(from: string, greeting: Greeting, hello: Hello, payloads: readonly Uint8Array[]): OpenedPacket {
    // What was meant for who was here before us asks nothing of us; its sender must learn that they are gone.
    const isForUs = hello.to === undefined || equalBytes(hello.to, this.#own.boot);
    const answer = isForUs ? { echo: hello.ask } : { missed: hintOf(hello.to!) };
    const isAllowed = this.#limits.take("hello", from, this.#now());
    const datagrams = isAllowed ? [this.#sealHello({ ...greeting, ...answer })] : [];
    if (payloads.length > 0) return { kind: "payload", bootId: bytesToHex(greeting.to), payloads, datagrams };
    return isAllowed ? { kind: "reply", datagrams } : rejected("unknown_boot", "too many greet this server");
  }

  /** Whether `echo` answers a nonce of ours: one sent to that boot, or to an address, which is thereby its address. */
  #takeProof({ from, header, bootId }: IncomingPacket, echo: Uint8Array): boolean {
    const route = this.#routes.asked(echo);
    if (route === undefined && !this.#challenges.isAnswer(header.boot, echo)) return false;
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
      sendKey: derivePairKey(this.#own.keys, boot),
      receiveKey: derivePairKey(keys, this.#own.boot),
      window: new ReplayWindow(hello.counterFrom),
      helloWindow: new ReplayWindow(), // Its first hello may still come, overtaken by those to a thousand others.
      nextCounter: this.#freeCounter,
      knowsUs: false,
      ask: hello.ask,
    };
    this.#peers.set(bootId, peer);
    return peer;
  }

  /** The payloads that were held for a peer. */
  #releaseHeld({ bootId, helloWindow }: Peer): Uint8Array[] {
    const payloads: Uint8Array[] = [];
    for (const { payload, counter } of this.#held.release(bootId, this.#now())) {
      if (helloWindow.seen(counter)) continue;
      helloWindow.mark(counter);
      payloads.push(payload);
    }
    return payloads;
  }

  #forgetBootsLike(hint: Uint8Array): void {
    const start = bytesToHex(hint);
    this.#routes.forget((bootId) => bootId.startsWith(start));
  }

  #greeting(boot: Uint8Array, peer: Peer | undefined): Greeting {
    return {
      knowsYou: peer !== undefined,
      ask: this.#challenges.ask(boot),
      to: boot,
      counterFrom: peer?.nextCounter ?? this.#freeCounter,
    };
  }

  #sealHello(said: Partial<Hello> & Pick<Hello, "ask">): Uint8Array {
    const counter = this.#helloCounter++;
    assert(counter <= COUNTER_MAX, "Cannot seal hello: all counters of this process are used");
    return boxHello(this.#own, counter, { ...EMPTY_HELLO, ...said });
  }
}

function rejected(reason: PacketRefusal, detail?: string): OpenedPacket {
  return detail === undefined ? { kind: "rejected", reason } : { kind: "rejected", reason, detail };
}
