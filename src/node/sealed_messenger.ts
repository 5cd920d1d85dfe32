import {
  type CancelTimer,
  type Clock,
  type Entropy,
  type Logger,
  rateLimited,
  type RateLimitedLogger,
} from "../base/mod.ts";
import type { BootId, Channel, Destination, Envelope, Message, NodeId } from "../cluster/mod.ts";
import type { Stream, StreamHandlers, Transport } from "../transport/mod.ts";
import {
  BoundedMap,
  decodeEnvelope,
  encodeEnvelope,
  type KeyRing,
  PACKET_PAYLOAD_BYTES_MAX,
  PacketSessions,
  senderNamed,
  WireFormatError,
} from "../wire/mod.ts";
import { Connection, type ConnectionEvents, type Rejection } from "./connection.ts";
import type { Messenger, MessengerEvents } from "./messenger.ts";

/** Connections that nobody used for so long, in milliseconds, are closed: members talk by datagram. */
const IDLE_MS_MAX = 60_000;
/**
 * A connection on which so long nothing came, in milliseconds, although we had written and nothing more leaves, is held for dead:
 * after a long cut the system's own retransmissions are minutes apart, and a new connection is there at once.
 */
const SILENT_MS_MAX = 60_000;
/** How often such connections are looked for, in milliseconds. */
const SWEEP_MS = 15_000;
/** One warning of a kind from one address in so many milliseconds. */
const WARNING_INTERVAL_MS = 30_000;
const WARNING_KEYS_MAX = 256;
/** Boots whose server is known: a thousand servers, and their last restarts. */
const SENDERS_MAX = 4_096;

/** What the log says of whom we turned away; the rest is noise of strangers. */
const REJECTIONS: Readonly<Record<string, string>> = {
  other_key: "Turned away a server that has another key",
  other_protocol: "Turned away a server with an incompatible protocol: update the older one",
  other_transport: "Turned away a server that uses the other transport",
};

/** All that a sealed messenger is made of. */
export interface SealedMessengerOptions {
  readonly nodeId: NodeId;
  readonly bootId: string;
  readonly transport: Transport;
  readonly keys: KeyRing;
  readonly compression: boolean;
  /** Never use datagrams (`server.cluster.tcp_only`). */
  readonly streamsOnly: boolean;
  /** Keep connections open for ever (websocket mode, where there is nothing else). */
  readonly keepConnections: boolean;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Logger;
}

/** Sends each message sealed: small ones that may get lost as datagrams, the others on one kept stream for each peer. */
export class SealedMessenger implements Messenger {
  readonly #options: SealedMessengerOptions;
  readonly #events: MessengerEvents;
  readonly #packets: PacketSessions;
  readonly #warnings: RateLimitedLogger;
  readonly #all = new Map<number, Connection>();
  #lastNumber = 0;
  readonly #dialled = new Map<string, Connection>();
  readonly #byPeer = new Map<NodeId, Connection>();
  /** Who runs under which boot. */
  readonly #senders = new BoundedMap<BootId, NodeId>(SENDERS_MAX);
  #cancelSweep: CancelTimer = () => {};
  #closing = false;

  constructor(options: SealedMessengerOptions, events: MessengerEvents) {
    this.#options = options;
    this.#events = events;
    const { keys, bootId, entropy, clock, log } = options;
    this.#packets = new PacketSessions({ keys, bootId, entropy, now: () => clock.monotonicMs() });
    this.#warnings = rateLimited(log, { perKeyMs: WARNING_INTERVAL_MS, clock, keysMax: WARNING_KEYS_MAX });
  }

  async start(): Promise<void> {
    await this.#options.transport.start({
      packet: (from, payload) => this.#packetArrived(from, payload),
      accepted: (stream) => this.#accepted(stream),
    });
    this.#sweep();
  }

  send(to: Destination, channel: Channel, message: Message): void {
    if (this.#closing) return;
    const { nodeId, transport, streamsOnly } = this.#options;
    const bytes = encodeEnvelope({ from: senderNamed(nodeId, message), message });
    const asPacket = channel === "packet" && !streamsOnly && transport.packetBytesMax > 0 &&
      bytes.length <= PACKET_PAYLOAD_BYTES_MAX;
    if (asPacket) return transport.sendPacket(to.address, this.#packets.seal(to.address, bytes));
    const connection = this.#openConnection(to.via) ?? this.#connectionTo(to);
    connection.lastUsedMs = this.#options.clock.monotonicMs();
    connection.send(bytes);
  }

  disconnect(id: NodeId): void {
    for (const connection of this.#all.values()) {
      if ((connection.peer ?? connection.expected) === id) connection.close();
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelSweep();
    for (const connection of this.#all.values()) connection.close();
    await this.#options.transport[Symbol.asyncDispose]();
  }

  /** The connection with this number, if it can still be used. */
  #openConnection(number: number | undefined): Connection | undefined {
    const connection = number === undefined ? undefined : this.#all.get(number);
    return connection?.isClosed ? undefined : connection;
  }

  #connectionTo(to: Destination): Connection {
    const known = (to.id === undefined ? undefined : this.#byPeer.get(to.id)) ?? this.#dialled.get(to.address);
    if (known !== undefined && !known.isClosed) return known;
    const connection = this.#newConnection("initiator");
    connection.expected = to.id;
    this.#dialled.set(to.address, connection);
    this.#options.transport.dial(to.address, connection.handlers).then(
      (stream) => connection.attach(stream),
      (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log.debug("Cannot reach a server", { address: to.address, reason });
        connection.failed(reason);
        this.#events.unreachable(to, reason);
      },
    );
    return connection;
  }

  #accepted(stream: Stream): StreamHandlers {
    const connection = this.#newConnection("responder");
    connection.attach(stream);
    return connection.handlers;
  }

  #newConnection(role: "initiator" | "responder"): Connection {
    const number = ++this.#lastNumber;
    const connection = new Connection(role, { ...this.#options, number, events: this.#connectionEvents });
    this.#all.set(number, connection);
    return connection;
  }

  readonly #connectionEvents: ConnectionEvents = {
    message: (connection, bytes) => {
      connection.lastUsedMs = this.#options.clock.monotonicMs();
      this.#messageArrived(connection, bytes);
    },
    established: () => {},
    closed: (connection, reason, rejection) => this.#connectionClosed(connection, reason, rejection),
  };

  #packetArrived(from: string, datagram: Uint8Array): void {
    const opened = this.#packets.open(from, datagram);
    if (opened.kind === "rejected") return this.#packetRejected(from, opened.reason, opened.detail);
    for (const reply of opened.datagrams) this.#options.transport.sendPacket(from, reply);
    if (opened.kind === "reply") return;
    for (const payload of opened.payloads) {
      const envelope = this.#decode(payload, from, opened.bootId);
      if (envelope === undefined) continue;
      const replyTo = { id: envelope.from, address: from, bootId: opened.bootId };
      this.#events.received(envelope.from, envelope.message, replyTo, "packet");
    }
  }

  #packetRejected(from: string, reason: string, detail: string | undefined): void {
    // Our own packets come back when our address is among the peers; copies and stragglers of a restart are daily bread.
    const harmless = reason === "own" || reason === "replayed" || reason === "unknown_boot";
    if (harmless) return this.#warnings.debug("Dropped a packet", { from, reason }, reason);
    this.#warnRejected(from, reason, detail);
  }

  #messageArrived(connection: Connection, bytes: Uint8Array): void {
    const address = this.#addressOf(connection);
    const envelope = this.#decode(bytes, address, connection.peerBootId);
    if (envelope === undefined) return;
    if (connection.peer === undefined) {
      connection.peer = envelope.from;
      this.#choose(connection, envelope.from);
    }
    this.#events.received(envelope.from, envelope.message, {
      id: envelope.from,
      address,
      via: connection.number,
      bootId: connection.peerBootId,
    }, "stream");
  }

  /**
   * One connection for each pair: where both dialled at the same moment, both keep the one of the lesser id. The other one is not cut,
   * since messages may be under way on it; it is closed when it falls idle.
   */
  #choose(connection: Connection, peer: NodeId): void {
    const other = this.#byPeer.get(peer);
    const isTwin = other !== undefined && !other.isClosed && other.role !== connection.role &&
      other.peerBootId === connection.peerBootId;
    const weDialOurs = this.#options.nodeId < peer;
    const isKept = isTwin && (other.role === "initiator") === weDialOurs;
    const superseded = isKept ? connection : other;
    if (!isKept) this.#byPeer.set(peer, connection);
    if (superseded !== undefined) superseded.isSuperseded = true;
  }

  /** The address that was dialled, else the socket's. */
  #addressOf(connection: Connection): string {
    for (const [address, dialled] of this.#dialled) if (dialled === connection) return address;
    return connection.remote ?? "unknown";
  }

  /** The message and its sender; whoever leaves out its name has given it before, under the same boot. */
  #decode(bytes: Uint8Array, from: string, bootId: BootId | undefined): Envelope | undefined {
    try {
      const envelope = decodeEnvelope(bytes);
      if (envelope.from !== "") {
        if (bootId !== undefined) this.#senders.set(bootId, envelope.from);
        return envelope;
      }
      const sender = bootId === undefined ? undefined : this.#senders.get(bootId);
      if (sender !== undefined) return { from: sender, message: envelope.message };
      this.#warnings.debug("Ignored a message of a server that has not said who it is", { from });
      return undefined;
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      // A server of a newer version may say what we do not know yet.
      if (error.reason === "unknown_kind") {
        this.#warnings.debug("Ignored a message of a kind that this version does not know", { from });
      } else {
        this.#warnings.warn("Dropped a malformed message of an authenticated server", { from, reason: error.message });
      }
      return undefined;
    }
  }

  #connectionClosed(connection: Connection, reason: string, rejection: Rejection | undefined): void {
    this.#all.delete(connection.number);
    const address = this.#addressOf(connection);
    for (const [key, dialled] of this.#dialled) if (dialled === connection) this.#dialled.delete(key);
    if (rejection?.reason === "own") this.#events.metOurselves(address);
    else if (rejection !== undefined) this.#turnedAway(connection, address, rejection);
    const { peer } = connection;
    this.#options.log.debug("Connection closed", { address, peer, reason });
    if (peer === undefined || this.#byPeer.get(peer) !== connection) return;
    this.#byPeer.delete(peer);
    for (const other of this.#all.values()) {
      if (other.peer !== peer || other.isClosed) continue;
      other.isSuperseded = false;
      this.#byPeer.set(peer, other);
    }
    if (!this.#byPeer.has(peer)) this.#events.disconnected(peer);
  }

  #turnedAway(connection: Connection, address: string, { reason, text }: Rejection): void {
    this.#warnRejected(address, reason, text);
    if (connection.role === "initiator" && !connection.isEstablished) this.#events.unreachable({ address }, text);
  }

  #sweep(): void {
    const { clock } = this.#options;
    this.#cancelSweep = clock.after(SWEEP_MS, () => this.#sweep());
    for (const connection of this.#all.values()) if (this.#isUseless(connection)) connection.close();
  }

  #isUseless(connection: Connection): boolean {
    if (connection.silentMs() > SILENT_MS_MAX) return true;
    const idleMs = this.#options.clock.monotonicMs() - connection.lastUsedMs;
    if (connection.isSuperseded) return idleMs > SWEEP_MS;
    return !this.#options.keepConnections && idleMs > IDLE_MS_MAX;
  }

  /** Whatever strangers send: one line for each reason and host, however much comes. */
  #warnRejected(from: string, reason: string, detail: string | undefined): void {
    const host = from.slice(0, from.lastIndexOf(":"));
    const message = REJECTIONS[reason] ?? "Dropped traffic on the cluster port that no server of this cluster sent";
    this.#warnings.warn(message, { from, reason, detail }, host);
  }
}
