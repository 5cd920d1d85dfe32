import { type Clock, type Random, seededRandom } from "../../src/base/mod.ts";
import { defaultMembershipConfig, type MembershipConfig } from "../../src/cluster/mod.ts";
import { ClusterNode, SealedMessenger } from "../../src/node/mod.ts";
import { recordId } from "../../src/records/mod.ts";
import type { Row } from "../../src/storage/mod.ts";
import { MemoryNetwork } from "../../src/transport/mod.ts";
import { deriveKeys, PACKET_PAYLOAD_BYTES_MAX, PROTOCOL_MAX, PROTOCOL_MIN } from "../../src/wire/mod.ts";
import { type SlowStore, slowStore } from "./slow_store.ts";
import { SimulationLog } from "./simulation_log.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** One server of the simulation, with what outlives its process. */
export interface SimulatedServer {
  readonly name: string;
  readonly address: string;
  readonly nodeId: string;
  readonly peers: readonly string[];
  /** Undefined while it is down. */
  node: ClusterNode | undefined;
  store: SlowStore;
  /** Milliseconds that its wall clock is ahead. */
  skewMs: number;
}

/** What may differ between simulations. */
export interface SimulationOptions {
  readonly seed: number;
  /** One way, in milliseconds. */
  readonly delayMs?: number;
  /** Share of packets lost, 0 to 1. */
  readonly loss?: number;
  readonly websocket?: boolean;
  readonly config?: MembershipConfig;
}

const KEYS = deriveKeys("simulationsimulationsimulation00");

/**
 * A cluster in one process: the code that ships, from the node inwards, on virtual time, a network in memory and disks in memory.
 * Everything that happens follows from the seed.
 */
export class Simulation {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly servers: SimulatedServer[] = [];
  readonly log: SimulationLog;
  readonly #options: SimulationOptions;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.network = new MemoryNetwork({ clock: this.clock, random: this.random });
    this.log = new SimulationLog(this.clock);
    const { delayMs = 10, loss = 0 } = options;
    this.network.fate = (_from, _to, _channel, bytes) => {
      if (bytes > 0 && loss > 0 && this.random.float() < loss) return { delaysMs: [] };
      return { delaysMs: [delayMs] };
    };
  }

  /** Adds a server, not started yet, that knows `peers`. */
  add({ peers }: { peers: readonly string[] }): SimulatedServer {
    const index = this.servers.length;
    const server: SimulatedServer = {
      name: `n${index}`,
      address: `10.0.${index >> 8}.${index & 255}:3100`,
      nodeId: recordId(this.clock.wallMs(), this.#bytes(16)),
      peers,
      node: undefined,
      store: slowStore(this.clock),
      skewMs: 0,
    };
    this.servers.push(server);
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
    const clock: Clock = this.clock.skewed(() => server.skewMs);
    const { websocket = false, config = defaultMembershipConfig } = this.#options;
    const transport = this.network.transport(server.address, { packetBytesMax: websocket ? 0 : 1_200 });
    const bootId = Array.from(this.#bytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const log = this.log.of(server.name);
    const entropy = (length: number) => this.#bytes(length);
    const opened = ClusterNode.open({
      nodeId: server.nodeId,
      bootId,
      facts: {
        address: server.address,
        zone: server.name,
        hostname: server.name,
        version: "0.0.0",
        apiEndpoint: `http://${server.name}`,
        protocolMin: PROTOCOL_MIN,
        protocolMax: PROTOCOL_MAX,
      },
      store: server.store,
      clock,
      random: seededRandom(this.random.uint32()),
      entropy,
      log,
      cluster: {
        peers: server.peers,
        packetBytesMax: PACKET_PAYLOAD_BYTES_MAX,
        config,
        messenger: (events) =>
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
          }, events),
      },
    });
    const node = await this.finish(opened);
    await this.finish(node.start());
    server.node = node;
  }

  /** Ends a server at once; what had not reached its disk is lost. */
  crash(server: SimulatedServer, what: "machine" | "process" = "process"): void {
    const rows: Row[] = server.store.rows();
    server.store.crash();
    this.network.crash(server.address, what);
    server.node?.abandon();
    server.node = undefined;
    server.store = slowStore(this.clock, { rows });
  }

  /** Stops a server as SIGTERM does. */
  async stop(server: SimulatedServer): Promise<void> {
    const { node } = server;
    server.node = undefined;
    if (node !== undefined) await this.finish(node.stop());
  }

  /** Waits in virtual time until `condition` holds. @throws with the log's end when it does not within `timeoutMs` */
  async until(what: string, condition: () => boolean, timeoutMs = 60_000): Promise<number> {
    const startedMs = this.clock.monotonicMs();
    while (!condition()) {
      if (this.clock.monotonicMs() - startedMs >= timeoutMs) {
        throw new Error(
          `Not within ${timeoutMs} ms of virtual time (seed ${this.#options.seed}): ${what}\n${this.log.tail()}`,
        );
      }
      await this.clock.run(5);
    }
    return this.clock.monotonicMs() - startedMs;
  }

  /** The servers that run. */
  get running(): ClusterNode[] {
    return this.servers.flatMap(({ node }) => node ?? []);
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
    return recordId(this.clock.wallMs(), this.#bytes(16));
  }

  #bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.random.below(256);
    return bytes;
  }
}
