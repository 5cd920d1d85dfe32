/**
 * Real servers, each in a network namespace, while every link between them loses packets: nobody who lives may be called
 * dead. Prints who suspected whom and what each server sent.
 */
import { parseArgs } from "node:util";
import { type ClusterTransport } from "../../tests/e2e/mod.ts";
import { type MemberChange, NamespaceCluster, type Traffic, whyNoNamespaces } from "../../tests/e2e/netns/mod.ts";
import { stopRequest } from "../stop_request.ts";

const LOOK_INTERVAL_MS = 1_000;
const REPORT_INTERVAL_MS = 60_000;
/** As many as have a zone of their own. */
const SERVERS_MAX = 9;
/** After the last packet was lost. */
const HEAL_TIMEOUT_MS = 30_000;

interface SoakOptions {
  readonly minutes: number;
  readonly lossPercent: number;
  readonly servers: number;
  readonly transport: ClusterTransport;
}

/** Exit code: 0 when nobody was called dead, 1 when somebody was, undefined when the arguments make no sense. */
export async function soakMembership(args: readonly string[]): Promise<number | undefined> {
  const options = readOptions(args);
  if (options === undefined) return undefined;
  const whyNot = await whyNoNamespaces();
  if (whyNot !== undefined) {
    console.error(`Cannot soak membership: it ${whyNot}`);
    return 1;
  }
  using stop = stopRequest();
  await using cluster = await NamespaceCluster.start(options);
  try {
    const soak = new Soak(cluster, options);
    await soak.run(stop.signal);
    return soak.verdict();
  } catch (error) {
    if (stop.signal.aborted) {
      console.error("Stopped on request, without a verdict");
      return 1;
    }
    cluster.report();
    console.error(`failed: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

function readOptions(args: readonly string[]): SoakOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string", default: "10" },
        loss: { type: "string", default: "20" },
        servers: { type: "string", default: "5" },
        transport: { type: "string", default: "udp" },
      },
    });
    const [minutes, lossPercent, servers] = [values.minutes, values.loss, values.servers].map(Number);
    const { transport } = values;
    if (!(minutes > 0) || !Number.isInteger(lossPercent) || lossPercent < 0 || lossPercent > 100) return undefined;
    if (!Number.isInteger(servers) || servers < 2 || servers > SERVERS_MAX) return undefined;
    if (transport !== "udp" && transport !== "wss") return undefined;
    return { minutes, lossPercent, servers, transport };
  } catch {
    return undefined; // An option that does not exist.
  }
}

/** One run: what happened so far, and when. */
class Soak {
  readonly #cluster: NamespaceCluster;
  readonly #options: SoakOptions;
  readonly #changes: Array<MemberChange & { by: string }> = [];
  #mark: number[];
  #elapsedMs = 0;
  #sent: readonly number[] = [];
  #received: readonly number[] = [];
  #dropped = 0;

  constructor(cluster: NamespaceCluster, options: SoakOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#mark = cluster.mark();
  }

  /** @throws when a server ends, the cluster is not whole after healing, or the run is stopped */
  async run(signal: AbortSignal): Promise<void> {
    const { lab, servers } = this.#cluster;
    const { lossPercent, minutes, transport } = this.#options;
    console.log(`${servers.length} servers over ${transport}, ${lossPercent} % loss on all links, ${minutes} minutes`);
    await lab.drop([{ lossPercent }]);
    const before = await lab.traffic();
    const started = performance.now();
    // The API is left alone meanwhile: its answers would count as traffic, and the logs tell of every change.
    for (let reported = 0; this.#elapsedMs < minutes * 60_000;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
      signal.throwIfAborted();
      this.#look();
      this.#elapsedMs = performance.now() - started;
      if (this.#elapsedMs - reported < REPORT_INTERVAL_MS) continue;
      reported = this.#elapsedMs;
      console.log(`  after ${Math.round(reported / 60_000)} min: ${this.#counts()}`);
    }
    const after = await lab.traffic();
    const rates = (bytes: (traffic: Traffic) => number) =>
      after.map((traffic, index) => (bytes(traffic) - bytes(before[index])) / this.#elapsedMs * 1_000);
    this.#sent = rates(({ sentBytes }) => sentBytes);
    this.#received = rates(({ receivedBytes }) => receivedBytes);
    [this.#dropped] = await lab.dropped();
    await lab.heal();
    await this.#cluster.allAlive(HEAL_TIMEOUT_MS);
    this.#look();
  }

  #look(): void {
    this.#changes.push(...this.#cluster.changesSince(this.#mark));
    this.#mark = this.#cluster.mark();
    const gone = this.#cluster.servers.find(({ process }) => process.ended !== undefined);
    if (gone !== undefined) throw new Error(`Server ${gone.settings.zone} ended by itself`);
  }

  #count(state: string, where: (change: MemberChange & { by: string }) => boolean = () => true): number {
    return this.#changes.filter((change) => change.state === state && where(change)).length;
  }

  #counts(): string {
    return `${this.#count("suspect")} suspicions, ${this.#count("dead")} deaths`;
  }

  /** Prints the table and the verdict; answers with the exit code. */
  verdict(): number {
    console.log("  server   suspected others   was suspected   called dead   sent B/s   received B/s");
    for (const [index, { settings: { zone } }] of this.#cluster.servers.entries()) {
      const cells = [
        this.#count("suspect", ({ by }) => by === zone).toString().padStart(16),
        this.#count("suspect", (change) => change.zone === zone).toString().padStart(13),
        this.#count("dead", (change) => change.zone === zone).toString().padStart(11),
        this.#sent[index].toFixed(0).padStart(8),
        this.#received[index].toFixed(0).padStart(12),
      ];
      console.log(`  ${zone.padEnd(6)}   ${cells.join("   ")}`);
    }
    const failed = this.#count("dead") > 0;
    const what = `${this.#counts()} of ${this.#cluster.servers.length} living servers, ${this.#dropped} packets lost`;
    console.log(`${failed ? "failed" : "passed"}: ${what} in ${(this.#elapsedMs / 60_000).toFixed(1)} minutes`);
    return failed ? 1 : 0;
  }
}
