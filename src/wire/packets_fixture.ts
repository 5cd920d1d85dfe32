import assert from "node:assert/strict";
import { type Entropy, type Random, seededRandom } from "../base/mod.ts";
import { deriveKeys, type KeyRing } from "./keys.ts";
import { PACKET_BYTES_MAX } from "./packet_header.ts";
import { type OpenedPacket, PacketSessions } from "./packets.ts";

/** Keys of the cluster that all servers are in, unless they are given others. */
export const KEYS = deriveKeys("NDJuIFxrRbWLp6tKhVzyqNs5H5fCK1Cl");
/** Keys of another cluster. */
export const OTHER_KEYS = deriveKeys("another key of thirty-two letters");

/** What bytes say. */
export const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
/** What words are in bytes. */
export const bytes = (words: string) => new TextEncoder().encode(words);

/** Reproducible stand-in for the secure source. */
function entropyFrom(random: Random): Entropy {
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

/** One process at one address, with all that it received. */
export class Server {
  readonly received: string[] = [];
  readonly refused: string[] = [];
  sessions!: PacketSessions;
  bootId!: string;

  constructor(readonly address: string, readonly net: Net, readonly keys: KeyRing) {
    this.start();
  }

  /** Starts anew: what the process before it knew is gone. */
  start(): void {
    const entropy = entropyFrom(this.net.random);
    this.bootId = Array.from(entropy(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const now = () => this.net.nowMs;
    const { keys, bootId } = this;
    this.sessions = new PacketSessions({ keys, bootId, entropy, now, peersMax: this.net.peersMax });
  }

  send(to: string, words: string): void {
    this.net.send(this.address, to, this.sessions.seal(to, bytes(words)));
  }

  take(from: string, datagram: Uint8Array): OpenedPacket {
    const opened = this.sessions.open(from, datagram);
    if (opened.kind === "rejected") this.refused.push(opened.reason);
    else for (const reply of opened.datagrams) this.net.send(this.address, from, reply);
    if (opened.kind === "payload") this.received.push(...opened.payloads.map(text));
    return opened;
  }
}

/** A datagram under way. */
export interface Flight {
  from: string;
  to: string;
  datagram: Uint8Array;
}

/** Datagrams between servers, in virtual time; `names` stand for addresses, as in a resolver. */
export class Net {
  nowMs = 0;
  readonly random: Random;
  readonly servers = new Map<string, Server>();
  readonly names = new Map<string, string>();
  readonly recorded: Flight[] = [];
  flying: Flight[] = [];
  peersMax = 100;
  loss = 0;
  reorders = false;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  add(address: string, keys: KeyRing = [KEYS]): Server {
    const server = new Server(address, this, keys);
    this.servers.set(address, server);
    return server;
  }

  send(from: string, to: string, datagram: Uint8Array): void {
    assert.ok(datagram.length <= PACKET_BYTES_MAX);
    const flight = { from, to: this.names.get(to) ?? to, datagram };
    this.recorded.push(flight);
    if (this.random.float() >= this.loss) this.flying.push(flight);
  }

  /** Delivers until nothing flies; a conversation that never ends fails. */
  settle(stepsMax = 1000): void {
    for (let steps = 0; this.flying.length > 0; steps++) {
      assert.ok(steps < stepsMax, "packets go back and forth for ever");
      this.deliverOne();
    }
  }

  deliverOne(): void {
    const next = this.reorders ? this.random.below(this.flying.length) : 0;
    const [{ from, to, datagram }] = this.flying.splice(next, 1);
    this.servers.get(to)?.take(from, datagram);
  }
}

/** Two servers that know each other. */
export function acquainted(seed = 1) {
  const net = new Net(seed);
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  a.send("b:1", "ping");
  net.settle();
  b.send("a:1", "ack");
  net.settle();
  assert.deepEqual([a.received.splice(0), b.received.splice(0)], [["ack"], ["ping"]]);
  net.recorded.length = 0;
  return { net, a, b };
}

/** Why a datagram was refused, else what it was. */
export function refusal(opened: OpenedPacket): string {
  return opened.kind === "rejected" ? opened.reason : opened.kind;
}
