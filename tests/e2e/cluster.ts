import { join } from "node:path";
import type { ApiClient } from "./api_client.ts";
import { makeCertificates } from "./certificates.ts";
import { until } from "./deadline.ts";
import { freePorts } from "./free_ports.ts";
import { knot } from "./knot_process.ts";
import { clusterAddress, type ClusterTransport, Server } from "./server.ts";

/** The first server's zone, the second's, … */
export const ZONES = ["au", "gb", "us", "de", "jp", "br", "za", "in", "ca"] as const;

/** The first user, with every permission. */
export interface Admin {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/** Who sets up a cluster in tests. */
export const ADMIN: Admin = { username: "admin", email: "admin@example.com", password: "correct-horse-battery" };

/** From the last start until every server calls every other one alive. */
const MEMBERS_TIMEOUT_MS = 20_000;

/** From signing in at one server until every server knows the session. */
const SESSION_TIMEOUT_MS = 5_000;

export interface ClusterOptions {
  /** How many servers, 1 to 9. */
  readonly servers: number;
  readonly transport: ClusterTransport;
  /** The executable; default: what the environment says, else the source. */
  readonly binary?: string;
  /** Who sets it up; default: {@link ADMIN}. */
  readonly admin?: Admin;
  /** Aborting it while servers start ends them at once. */
  readonly signal?: AbortSignal;
}

/** Parts of a prepared cluster. */
interface Parts {
  readonly servers: readonly Server[];
  readonly key: string;
  readonly folder: string;
  readonly admin: Admin;
  readonly httpClient?: Deno.HttpClient;
}

/** Real server processes on loopback, in a folder that is removed with them. */
export class Cluster implements AsyncDisposable {
  readonly servers: readonly Server[];
  readonly key: string;
  readonly folder: string;
  readonly admin: Admin;
  readonly #httpClient: Deno.HttpClient | undefined;

  private constructor(parts: Parts) {
    this.servers = parts.servers;
    this.key = parts.key;
    this.folder = parts.folder;
    this.admin = parts.admin;
    this.#httpClient = parts.httpClient;
  }

  /** Prepares servers that all name each other as peers; none is started. */
  static async prepare({ servers: count, transport, binary, admin = ADMIN }: ClusterOptions): Promise<Cluster> {
    const folder = await Deno.makeTempDir({ prefix: "knot-cluster-" });
    const key = (await knot(["genkey"], { binary })).stdout.trim();
    const certificates = transport === "wss" ? await makeCertificates(folder) : undefined;
    const httpClient = certificates === undefined
      ? undefined
      : Deno.createHttpClient({ caCerts: [await Deno.readTextFile(certificates.caFile)] });
    const ports = freePorts(2 * count);
    const at = (index: number) => ({ port: ports[2 * index], clusterPort: ports[2 * index + 1] });
    const zones = Array.from({ length: count }, (_, index) => ZONES[index % ZONES.length]);
    const peers = zones.map((_, index) => clusterAddress(at(index).port, at(index).clusterPort, transport));
    const servers = zones.map((zone, index) =>
      new Server({
        zone,
        hostname: `knot${index + 1}`,
        folder: join(folder, `${zone}-${index + 1}`),
        port: at(index).port,
        cluster: { transport, clusterPort: at(index).clusterPort, key, peers },
        certificates,
        httpClient,
        binary,
      })
    );
    return new Cluster({ servers, key, folder, admin, httpClient });
  }

  /** Starts all servers, sets the first one up, and waits until all serve and know each other. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = await Cluster.prepare(options);
    const abort = () => cluster.servers.forEach((server) => void server.kill());
    options.signal?.addEventListener("abort", abort);
    try {
      options.signal?.throwIfAborted();
      await Promise.all(cluster.servers.map((server) => server.start()));
      await cluster.setUp();
      await Promise.all(cluster.servers.map((server) => server.ready()));
      return cluster;
    } catch (error) {
      if (!options.signal?.aborted) cluster.report();
      await cluster[Symbol.asyncDispose]();
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** Makes the first admin with the one-time token of `server`. */
  async setUp(server: Server = this.servers[0]): Promise<void> {
    const token = await server.setupToken();
    await server.api.create("/api/setup", { token, ...this.admin });
  }

  /** The admin, signed in at one server and known to all, in the servers' order. */
  async signIn(server: Server = this.servers[0]): Promise<ApiClient[]> {
    const { token } = await server.api.signIn(this.admin.email, this.admin.password);
    const admins = this.servers.map(({ api }) => api.withToken(token!));
    await Promise.all(admins.map((admin) =>
      until(`${admin.url} knows the session`, SESSION_TIMEOUT_MS, async () => {
        await admin.get("/api/users/whoami");
        return true;
      })
    ));
    return admins;
  }

  /** Waits until each of `admins`' servers calls all servers of the cluster alive. */
  async allAlive(admins: readonly ApiClient[], withinMs = MEMBERS_TIMEOUT_MS): Promise<void> {
    await Promise.all(
      admins.map((admin) =>
        until(`${admin.url} sees ${this.servers.length} servers alive`, withinMs, async () => {
          const members: Array<{ state: string; address: string }> = await admin.get("/api/cluster-info");
          const states = members.map(({ state, address }) => `${address} ${state}`).join(", ");
          if (members.filter(({ state }) => state === "Alive").length < this.servers.length) throw new Error(states);
          return true;
        })
      ),
    );
  }

  /** Prints the end of what every server said, to explain a failure. */
  report(): void {
    for (const { settings, process } of this.servers.filter((server) => server.wasStarted)) {
      const ended = process.ended === undefined ? "running" : `ended with code ${process.ended.code}`;
      console.log(`--- server ${settings.zone}, ${ended}, said ${process.lineCount} lines:`);
      console.log(process.lines.slice(-40).join("\n"));
    }
  }

  /** Ends what still runs, at once, and removes every file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    this.#httpClient?.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}
