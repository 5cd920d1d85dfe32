import type { Message } from "../../src/cluster/mod.ts";
import { packedKey, recordVersion } from "../../src/records/mod.ts";
import { packMessage } from "../../src/wire/compression.ts";
import { measureEnvelope, PACKET_OVERHEAD_BYTES, PACKET_PAYLOAD_BYTES_MAX, senderNamed } from "../../src/wire/mod.ts";
import type { SimulatedServer, Simulation } from "../../tests/simulation/mod.ts";

/** What membership says in packets by itself, whether data differs or not. */
const MEMBERSHIP_KINDS: ReadonlySet<string> = new Set<Message["kind"]>([
  "ping",
  "ack",
  "ping_req",
  "relayed_ack",
  "nack",
  "gossip",
  "members",
  "opinions_req",
  "opinions",
]);

/** What was sent in one while, sealed, by all servers. */
export interface Sent {
  /** Packets by kind of message: how many, and their bytes. */
  readonly packets: ReadonlyMap<string, { readonly count: number; readonly bytes: number }>;
  /** All of the streams: handshakes, frames and what is in them. */
  readonly streamBytes: number;
  /** What the bodies that a receiver lacked take of it, each counted once for each receiver, compressed as they travelled. */
  readonly bodyBytes: number;
}

/** Listens to all that servers of a simulation send, until it is read. */
export class SentWatch {
  readonly #simulation: Simulation;
  readonly #streamBefore: number;
  readonly #packets = new Map<string, { count: number; bytes: number }>();
  readonly #counted = new Set<string>();
  readonly #deaf: () => void;
  #bodyBytes = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#streamBefore = this.#streamBytes();
    this.#deaf = simulation.onMessage((server, way, message, { channel }) => {
      if (way === "received") this.#bodyBytes += this.#lackedBytes(server, message, channel);
      else if (channel === "packet") this.#packet(server, message);
    });
  }

  /** Ends it. */
  read(): Sent {
    this.#deaf();
    return {
      packets: this.#packets,
      streamBytes: this.#streamBytes() - this.#streamBefore,
      bodyBytes: this.#bodyBytes,
    };
  }

  #packet({ nodeId }: SimulatedServer, message: Message): void {
    const payloadBytes = measureEnvelope({ from: senderNamed(nodeId, message), message });
    if (payloadBytes > PACKET_PAYLOAD_BYTES_MAX) return; // It takes the stream, where it is counted.
    const bytes = payloadBytes + PACKET_OVERHEAD_BYTES;
    const { count, bytes: before } = this.#packets.get(message.kind) ?? { count: 0, bytes: 0 };
    this.#packets.set(message.kind, { count: count + 1, bytes: before + bytes });
  }

  #lackedBytes(receiver: SimulatedServer, message: Message, channel: string): number {
    if (!("records" in message)) return 0;
    const lacked: Uint8Array[] = [];
    for (const packed of message.records) {
      const { kind, id } = packedKey(packed);
      const version = recordVersion(packed);
      const key = `${receiver.name} ${kind} ${id} ${version}`;
      if (this.#counted.has(key) || receiver.node?.get(kind, id)?.version === version) continue;
      this.#counted.add(key);
      lacked.push(packed);
    }
    const bytes = new Uint8Array(lacked.reduce((sum, packed) => sum + packed.length, 0));
    let at = 0;
    for (const packed of lacked) {
      bytes.set(packed, at);
      at += packed.length;
    }
    // Ids and names compress well where records stand side by side: taking their plain length off would hide what finding costs.
    return channel === "stream" ? packMessage(bytes, { compression: true }).length - 1 : bytes.length;
  }

  #streamBytes(): number {
    const { servers, network } = this.#simulation;
    return servers.reduce((sum, { address }) => sum + network.traffic(address).stream.sentBytes, 0);
  }
}

/** What finding a difference cost, in sealed bytes of both directions. */
export interface FindingCost {
  readonly bytes: number;
  /** What it is made of, in words. */
  readonly parts: string;
}

/**
 * All that was sent, without the bodies that the receiver lacked, and without what membership sends anyhow. That is taken from
 * `control`, the same while with no difference: the streams' bytes as they are; of packets not how many there were, which is
 * chance, but whether each became larger.
 */
export function findingCost(sent: Sent, control: Sent): FindingCost {
  const parts: string[] = [];
  let packetBytes = 0;
  for (const [kind, { count, bytes }] of sent.packets) {
    const usual = control.packets.get(kind);
    const isUsual = MEMBERSHIP_KINDS.has(kind);
    if (isUsual && usual === undefined) continue;
    const more = isUsual ? bytes - count * usual!.bytes / usual!.count : bytes;
    packetBytes += more;
    if (Math.round(more) !== 0) parts.push(`${count} ${kind} ${Math.round(more)}`);
  }
  const streamBytes = sent.streamBytes - control.streamBytes;
  parts.push(`streams ${streamBytes}`, `bodies −${sent.bodyBytes}`);
  return { bytes: packetBytes + streamBytes - sent.bodyBytes, parts: parts.join(", ") };
}
