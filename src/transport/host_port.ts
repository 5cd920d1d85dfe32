import type { Clock, Logger } from "../base/mod.ts";
import { formatHostPort, ipFamily, isUrlAddress, parseHostPort, withoutV4Mapping } from "./address.ts";
import { bindPlan, bindSockets } from "./bind.ts";
import { contained } from "./delivery.ts";
import { raceToConnect } from "./dial_race.ts";
import { Dials } from "./dials.ts";
import { PacketRoutes } from "./packet_routes.ts";
import { keepRunning } from "./pause.ts";
import { type Resolver, resolveTargets, systemResolver, type Target } from "./resolver.ts";
import { type StrangerPlace, Strangers } from "./strangers.ts";
import { TcpStream } from "./tcp_stream.ts";
import {
  type Address,
  DialError,
  type Stream,
  type StreamHandlers,
  type Transport,
  type TransportHandlers,
} from "./transport.ts";
import { UDP_PACKET_BYTES_MAX, UdpSocket } from "./udp.ts";

/** What {@link hostPortTransport} needs. */
export interface HostPortOptions {
  /** `server.cluster.advertise_addr`. */
  readonly advertiseAddr: Address;
  /** `server.cluster.bind_addr`; empty for the advertised port on every interface. */
  readonly bindAddr: Address;
  readonly clock: Clock;
  readonly log: Logger;
  /** Names to addresses; the machine's own resolver unless a test says otherwise. */
  readonly resolver?: Resolver;
}

/**
 * UDP for datagrams and TCP for streams, on one port.
 *
 * @throws when an address cannot be read
 */
export function hostPortTransport(options: HostPortOptions): Transport {
  return new HostPortTransport(options);
}

class HostPortTransport implements Transport {
  readonly packetBytesMax = UDP_PACKET_BYTES_MAX;
  readonly #options: HostPortOptions;
  readonly #resolver: Resolver;
  readonly #plan: ReturnType<typeof bindPlan>;
  readonly #routes: PacketRoutes;
  readonly #strangers: Strangers;
  readonly #dials: Dials;
  readonly #streams = new Map<TcpStream, () => void>();
  readonly #stop = new AbortController();
  #address: Address;
  #listeners: readonly Deno.TcpListener[] = [];
  #accepting: Promise<void>[] = [];
  #udp: UdpSocket[] = [];

  constructor(options: HostPortOptions) {
    const { advertiseAddr, clock, log, resolver = systemResolver } = options;
    this.#options = options;
    this.#resolver = resolver;
    this.#plan = bindPlan(options);
    this.#address = advertiseAddr;
    this.#routes = new PacketRoutes({
      resolver,
      clock,
      send: (to, target, payload) => this.#send(to, target, payload),
    });
    this.#strangers = new Strangers({ clock, log });
    this.#dials = new Dials(clock);
  }

  get address(): Address {
    return this.#address;
  }

  // deno-lint-ignore require-await -- Other transports have to wait.
  async start(handlers: TransportHandlers): Promise<void> {
    const { clock, log } = this.#options;
    const bound = bindSockets(this.#plan);
    const advertised = parseHostPort(this.#address);
    if (advertised?.kind === "host" && advertised.port === 0) {
      this.#address = formatHostPort(advertised.host, bound.port);
    }
    this.#listeners = bound.listeners;
    this.#accepting = bound.listeners.map((listener) =>
      keepRunning({
        clock,
        signal: this.#stop.signal,
        step: async () => this.#accept(await listener.accept(), handlers),
        failed: (error) => log.warn("Cannot accept connections", { address: this.#address, error: String(error) }),
      })
    );
    const packet = (from: Address, payload: Uint8Array) => handlers.packet(from, payload);
    this.#udp = bound.datagrams.map((conn) => new UdpSocket(conn, { clock, log, packet }));
    log.info("Listening for the cluster", { address: this.#address, hosts: this.#plan.hosts, port: bound.port });
  }

  sendPacket(to: Address, payload: Uint8Array): void {
    if (payload.length > this.packetBytesMax) {
      this.#options.log.debug("Dropped an oversized packet", { to, bytes: payload.length });
    } else if (!this.#stop.signal.aborted) {
      this.#routes.send(to, payload);
    }
  }

  async dial(to: Address, handlers: StreamHandlers): Promise<Stream> {
    const conn = await this.#dials.run(to, (signal) => this.#connect(to, signal));
    if (this.#stop.signal.aborted) {
      conn.close();
      throw new DialError(`Cannot connect to "${to}": this server is stopping`, { reason: "stopped" });
    }
    const stream = this.#adopt(conn, undefined);
    stream.start(handlers);
    return stream;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#dials.stop();
    for (const listener of this.#listeners) listener.close();
    const gone = [...this.#streams.keys()].map((stream) => {
      stream.close();
      return new Promise<void>((resolve) => this.#streams.set(stream, resolve));
    });
    await Promise.all([...gone, ...this.#accepting, ...this.#udp.map((socket) => socket[Symbol.asyncDispose]())]);
  }

  async #connect(to: Address, signal: AbortSignal): Promise<Deno.TcpConn> {
    const targets = await this.#resolve(to);
    const conn = await raceToConnect({
      targets,
      clock: this.#options.clock,
      signal,
      connect: ({ host, port }, signal) => Deno.connect({ hostname: host, port, signal }),
      discard: (late) => late.close(),
    });
    this.#routes.prefer(to, withoutV4Mapping((conn.remoteAddr as Deno.NetAddr).hostname));
    return conn;
  }

  async #resolve(to: Address): Promise<Target[]> {
    if (isUrlAddress(to)) {
      const way = "this server uses TCP and UDP, and all servers of a cluster use the same transport";
      throw new DialError(`Cannot connect to "${to}": it is a websocket address, but ${way}`, {
        reason: "other_transport",
      });
    }
    const address = parseHostPort(to);
    if (!address || address.kind === "host" && (address.host === "" || address.port === 0)) {
      throw new DialError(`Cannot connect to "${to}": it is not host:port, [IPv6]:port or srv+name`, {
        reason: "bad_address",
      });
    }
    try {
      return await resolveTargets(address, this.#resolver);
    } catch (cause) {
      const message = `Cannot connect to "${to}": ${(cause as Error).message}`;
      throw new DialError(message, { reason: "unresolved", cause });
    }
  }

  #accept(conn: Deno.TcpConn, handlers: TransportHandlers): void {
    const host = withoutV4Mapping((conn.remoteAddr as Deno.NetAddr).hostname);
    let stream: TcpStream | undefined;
    const place = this.#strangers.enter(host, (reason) => stream?.abort(reason));
    if (!place || this.#stop.signal.aborted) {
      place?.leave();
      return conn.close();
    }
    const accepted = stream = this.#adopt(conn, place);
    const heard = contained(this.#options.log, "accepted", () => accepted.start(handlers.accepted(accepted)));
    if (!heard) accepted.abort("its owner failed to accept it");
  }

  #adopt(conn: Deno.TcpConn, place: StrangerPlace | undefined): TcpStream {
    const stream: TcpStream = new TcpStream(conn, {
      clock: this.#options.clock,
      log: this.#options.log,
      proved: () => place?.leave(),
      gone: () => {
        place?.leave();
        const whenGone = this.#streams.get(stream);
        this.#streams.delete(stream);
        whenGone?.();
      },
    });
    this.#streams.set(stream, () => {});
    return stream;
  }

  #send(to: Address, target: Target, payload: Uint8Array): void {
    const family = ipFamily(target.host);
    // A wildcard IPv6 socket also reaches IPv4, where no socket of its own was bound.
    const socket = this.#udp.find((udp) => udp.family === family) ?? this.#udp.find((udp) => udp.family === 6);
    if (!socket) return this.#routes.failed(to, target);
    socket.send(target, payload, () => this.#routes.failed(to, target));
  }
}
