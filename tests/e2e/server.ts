import { join } from "node:path";
import { ApiClient } from "./api_client.ts";
import type { Certificates } from "./certificates.ts";
import { Hopeless, until } from "./deadline.ts";
import { KnotProcess } from "./knot_process.ts";

/** From the start of a process to its first answer, on a machine that is busy with other tests. */
const START_TIMEOUT_MS = 20_000;

/** What the product promises for a graceful stop. */
export const STOP_TIMEOUT_MS = 5_000;

export type ClusterTransport = "udp" | "wss";

/** What a server is started with. Ports are fixed, so that a restarted server is where it was. */
export interface ServerSettings {
  readonly zone: string;
  /** Default: this machine's name. */
  readonly hostname?: string;
  /** A folder of its own: knot.toml and data. */
  readonly folder: string;
  readonly port: number;
  /** Absent: a server without cluster mode. */
  readonly cluster?: {
    readonly transport: ClusterTransport;
    /** For `udp`; with `wss` the cluster is on the server's own port. */
    readonly clusterPort: number;
    readonly key: string;
    readonly peers: readonly string[];
  };
  readonly certificates?: Certificates;
  readonly httpClient?: Deno.HttpClient;
  readonly binary?: string;
  readonly args?: readonly string[];
}

/** Where its peers reach a server, as `server.cluster.advertise_addr` and `peers` have it. */
export function clusterAddress(port: number, clusterPort: number, transport: ClusterTransport): string {
  return transport === "udp" ? `127.0.0.1:${clusterPort}` : `wss://127.0.0.1:${port}/`;
}

/** One real server: its folder stays over stops and starts, its process does not. */
export class Server {
  readonly settings: ServerSettings;
  readonly url: string;
  /** Not signed in. */
  readonly api: ApiClient;
  #process: KnotProcess | undefined;

  constructor(settings: ServerSettings) {
    this.settings = settings;
    this.url = `${settings.certificates === undefined ? "http" : "https"}://127.0.0.1:${settings.port}`;
    this.api = new ApiClient(this.url, { httpClient: settings.httpClient });
  }

  get wasStarted(): boolean {
    return this.#process !== undefined;
  }

  get process(): KnotProcess {
    if (this.#process === undefined) throw new Error(`Server ${this.settings.zone} was never started`);
    return this.#process;
  }

  /** Its knot.toml, from the first start on. */
  get configFile(): string {
    return join(this.settings.folder, "knot.toml");
  }

  get dataDir(): string {
    return join(this.settings.folder, "data");
  }

  /** Starts the process without waiting for anything; `flags` are for this start alone. */
  async spawn(flags: readonly string[] = []): Promise<void> {
    await Deno.mkdir(this.settings.folder, { recursive: true });
    await Deno.writeTextFile(this.configFile, this.toml());
    const { binary, args = [], certificates } = this.settings;
    // The executable made without Deno's site has an older runtime, which takes a private authority from here only.
    const env: Record<string, string> = certificates === undefined ? {} : { DENO_CERT: certificates.caFile };
    const isExecutable = (binary ?? Deno.env.get("KNOT_BINARY")) !== undefined;
    this.#process = new KnotProcess(["server", "--config", this.configFile, ...args, ...flags], {
      binary,
      env: isExecutable ? env : {},
    });
  }

  /** Starts the process and waits for its first answer, whatever that says. */
  async start(): Promise<void> {
    await this.spawn();
    await this.answers();
  }

  async answers(): Promise<void> {
    await until(`Server ${this.settings.zone} answers at ${this.url}`, START_TIMEOUT_MS, async () => {
      this.#assertRuns();
      return (await this.api.request("GET", "/healthz")).status === 200;
    });
  }

  /** Waits until it has data and serves. */
  async ready(): Promise<void> {
    await until(`Server ${this.settings.zone} is ready`, START_TIMEOUT_MS, async () => {
      this.#assertRuns();
      const { status, body } = await this.api.request("GET", "/readyz");
      if (status !== 200) throw new Error(`/readyz answers ${status}: ${JSON.stringify(body)}`);
      return true;
    });
  }

  /** The one-time token of the first run, as soon as the server offers setup. */
  async setupToken(withinMs = START_TIMEOUT_MS): Promise<string> {
    const file = join(this.dataDir, "setup-token");
    return await until(`Server ${this.settings.zone} offers setup`, withinMs, async () => {
      this.#assertRuns();
      return (await Deno.readTextFile(file)).trim() || undefined;
    });
  }

  /** SIGTERM, without waiting for what comes of it. */
  requestStop(): void {
    this.process.signal("SIGTERM");
  }

  /** SIGTERM; answers with how it ended and how long that took. */
  async stop(): Promise<{ code: number; elapsedMs: number }> {
    const started = performance.now();
    this.requestStop();
    await until(`Server ${this.settings.zone} stops`, 2 * STOP_TIMEOUT_MS, () => this.process.ended !== undefined);
    return { code: this.process.ended!.code, elapsedMs: Math.round(performance.now() - started) };
  }

  /** SIGKILL, as a power cut would. */
  async kill(): Promise<void> {
    this.#process?.signal("SIGKILL");
    await this.#process?.finished;
  }

  toml(): string {
    const { zone, hostname = "", port, cluster, certificates } = this.settings;
    const text = (value: string) => JSON.stringify(value);
    const lines = [
      "[server]",
      `listen = ${text(`127.0.0.1:${port}`)}`,
      `url = ${text(this.url)}`,
      `zone = ${text(zone)}`,
      `hostname = ${text(hostname)}`,
      `data_dir = ${text(this.dataDir)}`,
    ];
    if (cluster !== undefined) {
      const address = clusterAddress(port, cluster.clusterPort, cluster.transport);
      lines.push("[server.cluster]", `advertise_addr = ${text(address)}`, `key = ${text(cluster.key)}`);
      lines.push(`peers = [${cluster.peers.map(text).join(", ")}]`);
      if (cluster.transport === "udp") lines.push(`bind_addr = ${text(address)}`);
    }
    if (certificates !== undefined) {
      lines.push("[server.tls]", `cert_file = ${text(certificates.certFile)}`);
      lines.push(`key_file = ${text(certificates.keyFile)}`, `ca_file = ${text(certificates.caFile)}`);
    }
    return lines.join("\n") + "\n";
  }

  #assertRuns(): void {
    if (this.process.ended === undefined) return;
    const said = this.process.lines.slice(-20).join("\n");
    throw new Hopeless(`Server ${this.settings.zone} ended with code ${this.process.ended.code}:\n${said}`);
  }
}
