import type { Handler } from "hono";
import type { Clock, Logger } from "../base/mod.ts";
import { type ClusterUrl, clusterUrl, formatHostPort, parseHostPort } from "./address.ts";
import { type Admission, isToken } from "./admission.ts";
import { askForChallenge } from "./cluster_challenge.ts";
import { clusterRoute } from "./cluster_route.ts";
import { contained } from "./delivery.ts";
import { Dials } from "./dials.ts";
import { type StrangerPlace, Strangers } from "./strangers.ts";
import {
  type Address,
  DialError,
  type Stream,
  type StreamHandlers,
  type Transport,
  type TransportHandlers,
} from "./transport.ts";
import { openUnverifiedRelay, type UnverifiedRelay } from "./unverified_relay.ts";
import { openWebsocket } from "./websocket_dial.ts";
import { WebsocketStream } from "./websocket_stream.ts";

/** What {@link websocketTransport} needs. */
export interface WebsocketOptions {
  /** `server.cluster.advertise_addr`, a URL. */
  readonly advertiseAddr: Address;
  readonly admission: Admission;
  /** Certificates of private authorities, PEM, trusted beside the usual ones (`server.tls.ca_file`). */
  readonly caCerts?: readonly string[];
  /** Takes any certificate (`server.tls.skip_verify`). */
  readonly skipVerify?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Streams over websockets, which peers open at a route of this server's own web application. */
export interface WebsocketTransport extends Transport {
  /**
   * The handler of GET /cluster, to be mounted in front of all middleware that touches responses (an upgrade's answer
   * must leave as it is) or asks who is signed in. Answers 503 before `start` and after disposal. Dispose of the
   * transport before the web server is shut down: that waits for open websockets.
   */
  readonly clusterRoute: Handler;
}

/** Streams over websockets; datagrams do not exist here, and are dropped. */
export function websocketTransport(options: WebsocketOptions): WebsocketTransport {
  return new Websockets(options);
}

/** How a peer is reached: an HTTP client, and a relay where certificates are not checked. */
interface Way {
  readonly url: ClusterUrl;
  readonly client: Deno.HttpClient;
  readonly relay: UnverifiedRelay | undefined;
  close(): void;
}

class Websockets implements WebsocketTransport {
  readonly address: Address;
  readonly packetBytesMax = 0;
  readonly clusterRoute: Handler;
  readonly #options: WebsocketOptions;
  readonly #strangers: Strangers;
  readonly #dials: Dials;
  readonly #streams = new Map<WebsocketStream, () => void>();
  #client: Deno.HttpClient | undefined;
  #handlers: TransportHandlers | undefined;
  #stopped = false;

  constructor(options: WebsocketOptions) {
    this.#options = options;
    this.address = options.advertiseAddr;
    this.#strangers = new Strangers(options);
    this.#dials = new Dials(options.clock);
    this.clusterRoute = clusterRoute({
      admission: options.admission,
      strangers: this.#strangers,
      clock: options.clock,
      log: options.log,
      serving: () => this.#handlers !== undefined && !this.#stopped,
      upgraded: (socket, remote, place) => this.#accept(socket, remote, place),
    });
  }

  // deno-lint-ignore require-await -- Other transports have to wait.
  async start(handlers: TransportHandlers): Promise<void> {
    if (!clusterUrl(this.address)) {
      throw new Error(`Cannot take websockets at "${this.address}": it is not a URL like wss://knot1.example.com/`);
    }
    this.#client = httpClient({ caCerts: [...this.#options.caCerts ?? []] });
    this.#handlers = handlers;
  }

  sendPacket(to: Address, payload: Uint8Array): void {
    this.#options.log.debug("Dropped a packet: websockets carry none", { to, bytes: payload.length });
  }

  async dial(to: Address, handlers: StreamHandlers): Promise<Stream> {
    const stream = await this.#dials.run(to, (signal) => this.#connect(to, signal));
    if (this.#stopped) {
      stream.abort("this server is stopping");
      throw new DialError(`Cannot connect to "${to}": this server is stopping`, { reason: "stopped" });
    }
    stream.start(handlers);
    return stream;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#dials.stop();
    await Promise.all(
      [...this.#streams.keys()].map((stream) =>
        new Promise<void>((resolve) => {
          this.#streams.set(stream, resolve);
          stream.close();
        })
      ),
    );
    this.#client?.close();
  }

  async #connect(to: Address, signal: AbortSignal): Promise<WebsocketStream> {
    const way = await this.#way(to);
    try {
      const question = { to, url: way.url, client: way.client, signal };
      const response = this.#respond(to, await askForChallenge(question));
      const adopt = (socket: WebSocket) => this.#adoptDialled(socket, way);
      const outcome = await openWebsocket({ url: way.url, client: way.client, signal, response, adopt });
      if (outcome.kind === "opened") return outcome.stream;
      await askForChallenge({ ...question, response });
      throw new DialError(`Cannot connect to "${to}": the websocket was refused: ${outcome.cause}`);
    } catch (error) {
      const failure = way.relay?.failure;
      way.close();
      if (failure !== undefined && !signal.aborted) throw new Error(failure, { cause: error });
      throw error;
    }
  }

  async #way(to: Address): Promise<Way> {
    const url = clusterUrl(to);
    if (!url) {
      if (!parseHostPort(to)) {
        throw new DialError(`Cannot connect to "${to}": it is not a URL like wss://host/`, { reason: "bad_address" });
      }
      const way = "this server uses websockets, and all servers of a cluster use the same transport";
      throw new DialError(`Cannot connect to "${to}": it is a host:port address, but ${way}`, {
        reason: "other_transport",
      });
    }
    if (!this.#client) throw new DialError(`Cannot connect to "${to}": the transport was not started`);
    if (!url.tls || !this.#options.skipVerify) return { url, client: this.#client, relay: undefined, close() {} };
    const relay = await openUnverifiedRelay({ host: unbracketed(url.http.hostname), port: portOf(url) });
    const client = httpClient({ proxy: { transport: "tcp", hostname: "127.0.0.1", port: relay.port } });
    let closed = false;
    return {
      url: plain(url),
      client,
      relay,
      close() { // Called from an event of a websocket, where an exception would end the process.
        if (closed) return;
        closed = true;
        relay.close();
        client.close();
      },
    };
  }

  #respond(to: Address, challenge: string): string {
    const response = this.#options.admission.respond(challenge);
    if (isToken(response)) return response;
    throw new DialError(`Cannot connect to "${to}": its challenge cannot be answered`, { reason: "not_knot" });
  }

  #accept(socket: WebSocket, remote: string, place: StrangerPlace): (reason: string) => void {
    const stream = this.#adopt(socket, { remote, role: "accepted", left: () => place.leave(), gone: () => {} });
    socket.onopen = () => {
      const { log } = this.#options;
      if (this.#stopped) return stream.abort("this server is stopping");
      const heard = contained(log, "accepted", () => stream.start(this.#handlers!.accepted(stream)));
      if (!heard) stream.abort("its owner failed to accept it");
    };
    return (reason) => stream.abort(reason);
  }

  #adoptDialled(socket: WebSocket, way: Way): WebsocketStream {
    const remote = formatHostPort(unbracketed(way.url.http.hostname), portOf(way.url));
    return this.#adopt(socket, { remote, role: "dialled", left: () => {}, gone: () => way.close() });
  }

  #adopt(
    socket: WebSocket,
    { remote, role, left, gone }: {
      remote: string;
      role: "dialled" | "accepted";
      left: () => void;
      gone: () => void;
    },
  ): WebsocketStream {
    const { clock, log } = this.#options;
    const stream: WebsocketStream = new WebsocketStream(socket, {
      clock,
      log,
      remote,
      role,
      proved: left,
      gone: () => {
        left();
        gone();
        const whenGone = this.#streams.get(stream);
        this.#streams.delete(stream);
        whenGone?.();
      },
    });
    this.#streams.set(stream, () => {});
    return stream;
  }
}

/** HTTP/1.1 alone, since a websocket is opened by its upgrade, and without idle connections to keep. */
function httpClient(options: Deno.CreateHttpClientOptions): Deno.HttpClient {
  return Deno.createHttpClient({ ...options, http2: false, poolMaxIdlePerHost: 0 });
}

function portOf(url: ClusterUrl): number {
  return url.http.port === "" ? (url.tls ? 443 : 80) : Number(url.http.port);
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

/** The same URL as the relay takes it: the host as the peer expects it, but TLS is the relay's business. */
function plain(url: ClusterUrl): ClusterUrl {
  const port = portOf(url);
  const on = (scheme: string) => new URL(`${scheme}://${url.http.hostname}:${port}${url.http.pathname}`);
  return { http: on("http"), websocket: on("ws"), tls: false };
}
