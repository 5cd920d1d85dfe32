import { type Random, seededRandom } from "../../src/base/mod.ts";
import { defaultMembershipConfig, type MembershipConfig } from "../../src/cluster/mod.ts";
import { ClusterNode, type Messenger, type MessengerEvents, openNodeId, SealedMessenger } from "../../src/node/mod.ts";
import { RECORD_ID_ENTROPY_BYTES, recordId } from "../../src/records/mod.ts";
import { memoryStore, type Mutation } from "../../src/storage/mod.ts";
import { MemoryNetwork } from "../../src/transport/mod.ts";
import { deriveKeys, PACKET_PAYLOAD_BYTES_MAX, PROTOCOL_MAX, PROTOCOL_MIN } from "../../src/wire/mod.ts";
import { gatedTransport } from "./gated_transport.ts";
import { processClock, ProcessGate } from "./process_gate.ts";
import { type ServerOptions, type SimulatedServer } from "./simulated_server.ts";
import { SimulationLog, type TraceLevel } from "./simulation_log.ts";
import { slowStore } from "./slow_store.ts";
import { type MessageTrace, short, summaryOf, tracedMessenger } from "./traced_messenger.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { FINE_LINK, type LinkCondition, Weather } from "./weather.ts";

/** What may differ between simulations. */
export interface SimulationOptions {
  readonly seed: number;
  /** One way, in milliseconds. */
  readonly delayMs?: number;
  /** Share of packets lost, 0 to 1. */
  readonly loss?: number;
  /** What all links do; in place of the two above. */
  readonly usual?: LinkCondition;
  readonly websocket?: boolean;
  readonly config?: MembershipConfig;
  /** Least level of the lines that the log keeps. */
  readonly level?: TraceLevel;
  /** Also gets each line of the log as it is written. */
  readonly print?: (line: string) => void;
  /** Hears of each commit that has reached a server's disk. */
  readonly committed?: (server: SimulatedServer, mutations: readonly Mutation[]) => void;
}

/** Hears of each message that a server hands to its messenger, or gets from it. */
export type MessageListener = (server: SimulatedServer, ...told: Parameters<MessageTrace>) => void;

const KEYS = deriveKeys("simulationsimulationsimulation00");

/** Virtual time that {@link Simulation.until} lets pass between two looks unless told otherwise, in milliseconds. */
const LOOK_MS = 5;

/**
 * A cluster in one process: the code that ships, from the node inwards, on virtual time, a network in memory and disks in
 * memory. Everything that happens follows from the seed.
 */
export class Simulation {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly weather: Weather;
  readonly servers: SimulatedServer[] = [];
  readonly log: SimulationLog;
  readonly #options: SimulationOptions;
  readonly #messageListeners = new Set<MessageListener>();

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed, delayMs = 10, loss = 0, usual = { ...FINE_LINK, delayMs, loss } } = options;
    const { clock } = this;
    this.random = seededRandom(seed);
    this.network = new MemoryNetwork({ clock, random: this.random });
    this.weather = new Weather({ network: this.network, clock, random: this.random, usual });
    this.log = new SimulationLog(clock, options);
  }

  /** Adds a server, not started yet. */
  add({ peers }: ServerOptions): SimulatedServer {
    const index = this.servers.length;
    const server: SimulatedServer = {
      index,
      name: `n${index}`,
      address: addressOf(index, 0),
      nodeId: recordId(this.clock.wallMs(), this.#bytes(RECORD_ID_ENTROPY_BYTES)),
      peers,
      moves: 0,
      bootId: this.#bootId(),
      node: undefined,
      gate: new ProcessGate(this.clock),
      streams: new Set(),
      store: slowStore(this.clock),
      skewMs: 0,
      expelled: undefined,
      startedMs: 0,
    };
    this.servers.push(server);
    this.#insertDisk(server, [{ key: ["meta", "node-id"], value: new TextEncoder().encode(server.nodeId) }]);
    this.weather.place(index, server.address);
    return server;
  }

  /** Adds and starts `count` servers; all know the first. */
  async cluster(count: number): Promise<SimulatedServer[]> {
    const servers: SimulatedServer[] = [];
    for (let i = 0; i < count; i++) servers.push(this.add({ peers: i === 0 ? [] : [servers[0].address] }));
    for (const server of servers) await this.start(server);
    return servers;
  }

  /** Starts a server on what its disk holds. */
  async start(server: SimulatedServer): Promise<void> {
    const { websocket = false, config = defaultMembershipConfig } = this.#options;
    const entropy = (length: number) => this.#bytes(length);
    const disk = memoryStore(server.store.rows());
    server.nodeId = await openNodeId(disk, { entropy, wallMs: Math.floor(this.clock.wallMs()) });
    const gate = server.gate = new ProcessGate(this.clock);
    this.#insertDisk(server, disk.rows());
    const clock = processClock(this.clock, gate, () => server.skewMs);
    const log = this.log.of(server.name);
    const { bootId } = server;
    server.expelled = undefined;
    server.bootId = this.#bootId();
    const inner = this.network.transport(server.address, { packetBytesMax: websocket ? 0 : 1_200, log, clock });
    const transport = gatedTransport(inner, gate, this.clock);
    server.streams = transport.streams;
    // Reading takes no virtual time here: a thousand servers that start together must not see each other late.
    const node = await ClusterNode.open({
      nodeId: server.nodeId,
      bootId,
      facts: factsOf(server),
      store: server.store,
      clock,
      random: seededRandom(this.random.uint32()),
      entropy,
      log,
      onExpelled: (reason) => server.expelled = reason,
      cluster: {
        peers: server.peers,
        packetBytesMax: PACKET_PAYLOAD_BYTES_MAX,
        hasDatagrams: !websocket,
        config,
        messenger: (events) =>
          this.#traced(server, events, (events) =>
            new SealedMessenger({
              nodeId: server.nodeId,
              bootId,
              transport,
              keys: [KEYS],
              compression: true,
              streamsOnly: websocket,
              keepConnections: websocket,
              clock,
              entropy,
              log,
            }, events)),
      },
    });
    await node.start();
    server.node = node;
    server.startedMs = this.clock.monotonicMs();
  }

  /** Ends a server at once. Of the commits under way only the first `synced` have reached its disk. */
  crash(server: SimulatedServer, what: "machine" | "process" = "process", { synced = 0 } = {}): void {
    server.store.crash({ synced });
    this.network.crash(server.address, what);
    server.node?.abandon();
    this.#down(server);
  }

  /** Stops a server as SIGTERM does. */
  async stop(server: SimulatedServer): Promise<void> {
    await this.finish(this.stopping(server));
  }

  /** Stops a server as SIGTERM does, while time goes on; the answer resolves when it is down. */
  async stopping(server: SimulatedServer): Promise<void> {
    const { node } = server;
    server.node = undefined;
    if (node === undefined) return;
    const settled = this.clock.settleAlways();
    try {
      await node.stop();
    } finally {
      settled();
    }
    // Closing the database, a process waits for what is under way.
    server.store.crash({ synced: server.store.unsyncedCount });
    this.#down(server);
  }

  /** Stops and starts whoever was told that it has no place in the cluster any more, as its operator would. */
  async restartExpelled(): Promise<void> {
    for (const server of this.servers) {
      if (server.expelled === undefined || server.node === undefined || server.gate.isPaused) continue;
      await this.stop(server);
      await this.start(server);
    }
  }

  /** Puts another disk into a server that is down. */
  replaceDisk(server: SimulatedServer, rows: ReturnType<SimulatedServer["store"]["rows"]>): void {
    this.#insertDisk(server, rows);
  }

  /** Gives a server that is down another address, which nobody has been told. */
  move(server: SimulatedServer): void {
    server.moves++;
    server.address = addressOf(server.index, server.moves);
    this.weather.place(server.index, server.address);
  }

  /** `listener` hears of every message from now on, until the answer is called. */
  onMessage(listener: MessageListener): () => void {
    this.#messageListeners.add(listener);
    return () => void this.#messageListeners.delete(listener);
  }

  /** Waits in virtual time until `condition` holds. @throws with the log's end when it does not within `timeoutMs` */
  async until(
    what: string,
    condition: () => boolean,
    timeoutMs = 60_000,
    { lookMs = LOOK_MS } = {},
  ): Promise<number> {
    const startedMs = this.clock.monotonicMs();
    while (!condition()) {
      if (this.clock.monotonicMs() - startedMs >= timeoutMs) {
        throw new Error(
          `Not within ${timeoutMs} ms of virtual time (seed ${this.#options.seed}): ${what}\n${this.log.tail()}`,
        );
      }
      await this.clock.run(lookMs);
    }
    return this.clock.monotonicMs() - startedMs;
  }

  /** The servers that run. */
  get running(): SimulatedServer[] {
    return this.servers.filter(({ node }) => node !== undefined);
  }

  /** Ends everything. */
  async end(): Promise<void> {
    for (const server of this.servers) await this.stop(server);
  }

  /** Lets virtual time run until a promise of the code under test settles. */
  async finish<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    await this.clock.run(0);
    while (!settled) await this.clock.run(1);
    return await promise;
  }

  /** A fresh record id. */
  id(): string {
    return recordId(this.clock.wallMs(), this.#bytes(RECORD_ID_ENTROPY_BYTES));
  }

  #insertDisk(server: SimulatedServer, rows: ReturnType<SimulatedServer["store"]["rows"]>): void {
    const { gate } = server;
    server.store = slowStore(this.clock, {
      rows,
      committed: (mutations) => this.#options.committed?.(server, mutations),
      enter: (run) => gate.enter("input", run),
    });
  }

  #down(server: SimulatedServer): void {
    server.gate.close();
    server.node = undefined;
    server.streams = new Set();
  }

  #traced(
    server: SimulatedServer,
    events: MessengerEvents,
    make: (events: MessengerEvents) => Messenger,
  ): Messenger {
    const isTraced = this.log.takes("message");
    return tracedMessenger(events, make, (way, message, details) => {
      for (const listener of this.#messageListeners) listener(server, way, message, details);
      if (isTraced) this.#trace(server, way, message, details);
    });
  }

  #trace(server: SimulatedServer, ...[way, message, { channel, peer }]: Parameters<MessageTrace>): void {
    const other = this.servers.find(({ address, nodeId }) => peer === address || peer === nodeId);
    const direction = way === "sent" ? "to" : "from";
    this.log.line(server.name, "message", `${way} ${summaryOf(message)}`, {
      [direction]: other?.name ?? short(peer),
      channel,
    });
  }

  #bootId(): string {
    return Array.from(this.#bytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.random.below(256);
    return bytes;
  }
}

/** What a server says of itself, beside what its start decides. */
export function factsOf({ name, address }: SimulatedServer) {
  return {
    address,
    zone: name,
    hostname: name,
    version: "0.0.0",
    apiEndpoint: `http://${name}`,
    protocolMin: PROTOCOL_MIN,
    protocolMax: PROTOCOL_MAX,
  };
}

function addressOf(index: number, moves: number): string {
  return `10.${moves}.${index >> 8}.${index & 255}:3100`;
}
