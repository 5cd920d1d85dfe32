import { join } from "node:path";
import { type Random, seededRandom } from "../../../src/base/mod.ts";
import { timed, until } from "../deadline.ts";
import { NamespaceCluster } from "../netns/mod.ts";
import { shell } from "../netns/shell.ts";
import { Book } from "./book.ts";
import { CarefulConnection } from "./careful_connection.ts";
import { runClient } from "./client.ts";
import { drawFaults, type Fault, FAULT_KINDS, faultText, rulesOf } from "./fault.ts";
import { Links } from "./links.ts";
import { differences, findings, type ServerSeen } from "./verdict.ts";

const SERVERS = 5;
const CLIENTS = 4;
/** A client waits so long for an answer, in milliseconds: servers that are paused would hold it up. */
const CLIENT_TIMEOUT_MS = 1_000;
/** A fault begins so long after its round at most, and goes on so long, in milliseconds. */
const BEGIN_MS_MAX = 500;
const FAULT_MS = { least: 500, more: 3_500 };
/** From the last fault mended until all show the same, in milliseconds: the dead are tried anew every 5 s, starts take seconds. */
const AGREEMENT_MS_MAX = 60_000;
/** All must go on showing the same for so long, in milliseconds: what was deleted may come back late. */
const QUIET_MS = 5_000;
/** One server gets an older copy of its data back in every so many rounds, and in each shorter trial. */
const ROLLBACK_ROUNDS = 25;

/** What a trial is told. */
export interface ChaosOptions {
  readonly rounds: number;
  /** Decides which faults come when; what the servers and the network make of it is not repeatable. */
  readonly seed: number;
  /** Gets a line for each round, and for what happens besides. */
  readonly tell?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** How a trial ended. */
export interface ChaosReport {
  readonly book: Book;
  /** Faults by kind, and `rollback`. */
  readonly faults: ReadonlyMap<string, number>;
  /** From the last fault mended until all showed the same, in milliseconds. */
  readonly agreedAfterMs: number;
  /** Groups that every server shows at the end. */
  readonly groups: number;
  /** What was wrong, in words; none when the trial was passed. */
  readonly findings: readonly string[];
}

/**
 * Five real servers in network namespaces, four clients that write all the while, and in each round one to three faults at
 * one time: kills, of one server and of all, pauses, partitions of both kinds, loss. In between a server gets an older copy of its data back. Then
 * everything is mended, and what the clients were told is held against what the servers show.
 *
 * @throws when the cluster cannot be started, a server ends by itself, or `signal` is aborted
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await using cluster = await NamespaceCluster.start({ servers: SERVERS, transport: "udp" });
  try {
    return await new Trial(cluster, options).run();
  } catch (error) {
    if (!options.signal?.aborted) cluster.report();
    throw error;
  }
}

class Trial {
  readonly #cluster: NamespaceCluster;
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #links: Links;
  readonly #book = new Book();
  readonly #faults = new Map<string, number>([...FAULT_KINDS, "rollback"].map((kind) => [kind, 0]));
  readonly #names: readonly string[];
  #copy: { readonly server: number; readonly folder: string } | undefined;
  /** Resolved while clients may write. */
  #mayWrite = Promise.withResolvers<void>();

  constructor(cluster: NamespaceCluster, options: ChaosOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#links = new Links(cluster.lab);
    this.#names = cluster.servers.map(({ settings }) => settings.zone);
  }

  async run(): Promise<ChaosReport> {
    const stop = new AbortController();
    this.#mayWrite.resolve();
    const clients = Array.from({ length: CLIENTS }, (_, index) => this.#client(index, stop.signal));
    try {
      for (let round = 0; round < this.#options.rounds; round++) {
        this.#options.signal?.throwIfAborted();
        await this.#round(round);
      }
    } finally {
      stop.abort();
      this.#mayWrite.resolve(); // Whoever waits may be waiting for what has just failed.
      await Promise.allSettled(clients);
    }
    await Promise.all(clients); // A client that failed by itself is a failure.
    return await this.#end();
  }

  async #client(index: number, signal: AbortSignal): Promise<void> {
    const servers = this.#cluster.admins.map((to) => new CarefulConnection(to, { timeoutMs: CLIENT_TIMEOUT_MS }));
    const random = seededRandom(this.#options.seed + 1 + index);
    const world = { servers, book: this.#book, random, mayWrite: () => this.#mayWrite.promise };
    try {
      await runClient(`client_${index}`, world, signal);
    } finally {
      for (const server of servers) server[Symbol.dispose]();
    }
  }

  async #round(round: number): Promise<void> {
    const period = Math.min(this.#options.rounds, ROLLBACK_ROUNDS);
    const faults = drawFaults(SERVERS, this.#random);
    const texts = faults.map((fault) => faultText(fault, this.#names)).join(", ");
    if (round % period === Math.floor(period / 3)) await this.#keepCopy();
    if (round % period === Math.floor(2 * period / 3)) await this.#rollBack();
    this.#tell(`round ${round + 1} of ${this.#options.rounds}: ${texts}; ${this.#counts()} so far`);
    await Promise.all(faults.map((fault) => this.#suffer(fault)));
    const gone = this.#cluster.servers.find(({ process }) => process.ended !== undefined);
    if (gone !== undefined) throw new Error(`Server ${gone.settings.zone} ended by itself`);
  }

  async #suffer(fault: Fault): Promise<void> {
    this.#count(fault.kind);
    const [beginMs, durationMs] = [
      this.#random.below(BEGIN_MS_MAX),
      FAULT_MS.least + this.#random.below(FAULT_MS.more),
    ];
    await pause(beginMs);
    const mend = await this.#begin(fault);
    await pause(durationMs);
    await mend();
  }

  /** Answers with what ends it. */
  async #begin(fault: Fault): Promise<() => Promise<void> | void> {
    switch (fault.kind) {
      case "kill": {
        const server = this.#cluster.servers[fault.server];
        await server.kill();
        return () => server.start();
      }
      case "power_cut": {
        const { servers } = this.#cluster;
        await Promise.all(servers.map((server) => server.kill()));
        return async () => {
          await Promise.all(servers.map((server) => server.start()));
        };
      }
      case "pause": {
        const { process } = this.#cluster.servers[fault.server];
        process.signal("SIGSTOP");
        return () => process.signal("SIGCONT");
      }
      default:
        return await this.#links.break(rulesOf(fault, this.#cluster.lab.places.map(({ address }) => address)));
    }
  }

  /** Kills a server and keeps what is on its disk, as a nightly backup of the folder would. */
  async #keepCopy(): Promise<void> {
    const number = this.#random.below(SERVERS);
    const server = this.#cluster.servers[number];
    const folder = join(server.settings.folder, "copy");
    await server.kill();
    await shell([`rm -rf ${folder}`, `cp -a ${server.dataDir} ${folder}`]);
    await server.start();
    this.#copy = { server: number, folder };
    this.#tell(`the data of ${this.#names[number]} is copied`);
  }

  /** The kept copy takes the place of the data. First all must hold what only this server had: its disk is about to be lost. */
  async #rollBack(): Promise<void> {
    const { server: number, folder } = this.#copy!;
    const server = this.#cluster.servers[number];
    this.#mayWrite = Promise.withResolvers();
    await pause(2 * CLIENT_TIMEOUT_MS); // What is under way ends.
    const agreedAfterMs = await this.#agree();
    await server.kill();
    this.#mayWrite.resolve();
    await shell([`rm -rf ${server.dataDir}`, `mv ${folder} ${server.dataDir}`]);
    await server.start();
    this.#count("rollback");
    this.#tell(`${this.#names[number]} runs on the copy of its data (all agreed after ${agreedAfterMs} ms)`);
  }

  async #end(): Promise<ChaosReport> {
    this.#tell("everything is mended");
    let agreedAfterMs = NaN;
    const found: string[] = [];
    try {
      agreedAfterMs = await this.#agree();
      await pause(QUIET_MS);
    } catch (error) {
      found.push(error instanceof Error ? error.message : String(error));
    }
    const seen = await this.#look();
    found.push(...findings(this.#book, seen));
    if (found.length > 0) this.#cluster.report();
    return {
      book: this.#book,
      faults: this.#faults,
      agreedAfterMs,
      groups: seen[0].groups.length,
      findings: found,
    };
  }

  /** Waits until all servers show the same; answers with how long that took, in milliseconds. */
  async #agree(): Promise<number> {
    const agreed = () =>
      until("All servers show the same", AGREEMENT_MS_MAX, async () => {
        const [difference] = differences(await this.#look());
        if (difference !== undefined) throw new Error(difference);
        return true;
      });
    return (await timed(agreed)).elapsedMs;
  }

  async #look(): Promise<ServerSeen[]> {
    return await Promise.all(this.#cluster.admins.map(async (admin, index) => ({
      server: this.#names[index],
      groups: (await admin.get("/api/groups")).groups,
    })));
  }

  #count(what: string): void {
    this.#faults.set(what, this.#faults.get(what)! + 1);
  }

  #counts(): string {
    const [acknowledged, refused, unanswered] = (["acknowledged", "refused", "unanswered"] as const)
      .map((ending) => this.#book.count(ending));
    return `${acknowledged} acknowledged, ${refused} refused, ${unanswered} unanswered`;
  }

  #tell(line: string): void {
    this.#options.tell?.(line);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
