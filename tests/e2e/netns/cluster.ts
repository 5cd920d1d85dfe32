import { join } from "node:path";
import type { ApiClient } from "../api_client.ts";
import { ADMIN, ZONES } from "../cluster.ts";
import { until } from "../deadline.ts";
import { knot } from "../knot_process.ts";
import type { ClusterTransport } from "../server.ts";
import { makeCertificate } from "./certificate.ts";
import { NetworkLab } from "./lab.ts";
import { type MemberChange, memberChanges } from "./member_changes.ts";
import { launcher, NamespaceServer } from "./server.ts";

/** Nobody else is in a server's namespace. */
const PORT = 3000;
const CLUSTER_PORT = 3100;

/** From the last start until every server calls every other one alive. */
const MEMBERS_TIMEOUT_MS = 30_000;

/** From signing in at one server until every server knows the session. */
const SESSION_TIMEOUT_MS = 10_000;

/** One entry of `/api/cluster-info`. */
export interface MemberSeen {
  readonly state: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Parts {
  readonly lab: NetworkLab;
  readonly servers: readonly NamespaceServer[];
  readonly folder: string;
  readonly httpClient?: Deno.HttpClient;
}

/** A cluster of real servers that know each other, each in a network namespace. Ends, and removes everything, with its owner. */
export class NamespaceCluster implements AsyncDisposable {
  readonly lab: NetworkLab;
  readonly servers: readonly NamespaceServer[];
  /** Signed in, in the servers' order. */
  admins: readonly ApiClient[] = [];
  readonly #folder: string;
  readonly #httpClient: Deno.HttpClient | undefined;

  private constructor(parts: Parts) {
    this.lab = parts.lab;
    this.servers = parts.servers;
    this.#folder = parts.folder;
    this.#httpClient = parts.httpClient;
  }

  /** Starts `servers` servers, 1 to 9, sets the first one up, and waits until all call each other alive. */
  static async start(
    { servers, transport, binary }: { servers: number; transport: ClusterTransport; binary?: string },
  ): Promise<NamespaceCluster> {
    const cluster = new NamespaceCluster(await prepare({ count: servers, transport, binary }));
    try {
      await Promise.all(cluster.servers.map((server) => server.start()));
      const token = await cluster.servers[0].setupToken();
      await cluster.servers[0].api.create("/api/setup", { token, ...ADMIN });
      await Promise.all(cluster.servers.map((server) => server.ready()));
      cluster.admins = await signIn(cluster.servers);
      await cluster.allAlive();
      return cluster;
    } catch (error) {
      cluster.report();
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the server at `index` shows of the cluster, by zone. */
  async seenBy(index: number): Promise<Map<string, MemberSeen>> {
    const members: MemberSeen[] = await this.admins[index].get("/api/cluster-info");
    return new Map(members.map((member) => [member.metadata.zone, member]));
  }

  /** @throws {Error} naming the observer, when one of them shows anything but every server alive */
  async assertAllAlive(): Promise<void> {
    for (const [index, { settings }] of this.servers.entries()) {
      const members = [...await this.seenBy(index)];
      const alive = members.filter(([, { state }]) => state === "Alive");
      if (members.length === this.servers.length && alive.length === members.length) continue;
      const states = members.map(([zone, { state }]) => `${zone} ${state}`).join(", ");
      throw new Error(`${settings.zone} shows ${states}`);
    }
  }

  /** Waits until every server calls every server alive. */
  async allAlive(withinMs = MEMBERS_TIMEOUT_MS): Promise<void> {
    await until("Every server is alive everywhere", withinMs, async () => {
      await this.assertAllAlive();
      return true;
    });
  }

  /** Where each server's log is now, for {@link changesSince}. */
  mark(): number[] {
    return this.servers.map(({ process }) => process.lineCount);
  }

  /** Every change of mind since `mark`, each with the zone of who changed it. */
  changesSince(mark: readonly number[]): Array<MemberChange & { by: string }> {
    return this.servers.flatMap(({ settings, process }, index) =>
      memberChanges(process, mark[index]).map((change) => ({ by: settings.zone, ...change }))
    );
  }

  /** Prints the end of what every server said, to explain a failure. */
  report(): void {
    for (const { settings, process, place } of this.servers.filter((server) => server.wasStarted)) {
      console.log(`--- server ${settings.zone} at ${place.address}, said ${process.lineCount} lines:`);
      console.log(process.lines.slice(-40).join("\n"));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    this.#httpClient?.close();
    await this.lab[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function prepare(
  { count, transport, binary }: { count: number; transport: ClusterTransport; binary?: string },
): Promise<Parts> {
  const lab = await NetworkLab.create(count);
  const folder = await Deno.makeTempDir({ prefix: "knot-netns-" });
  try {
    const key = (await knot(["genkey"], { binary })).stdout.trim();
    const addresses = lab.places.map(({ address }) => address);
    const certificates = transport === "wss" ? await makeCertificate(folder, addresses) : undefined;
    const httpClient = certificates &&
      Deno.createHttpClient({ caCerts: [await Deno.readTextFile(certificates.caFile)] });
    const peers = addresses.map((address) =>
      transport === "udp" ? `${address}:${CLUSTER_PORT}` : `wss://${address}:${PORT}/`
    );
    const servers = await Promise.all(lab.places.map(async (place, index) => {
      const settings = {
        zone: ZONES[index],
        hostname: `knot${index + 1}`,
        folder: join(folder, ZONES[index]),
        port: PORT,
        cluster: { transport, clusterPort: CLUSTER_PORT, key, peers },
        certificates,
        httpClient,
        binary: await launcher(join(folder, `knot-${ZONES[index]}`), place.namespace, binary),
      };
      return new NamespaceServer(settings, place);
    }));
    return { lab, servers, folder, httpClient };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

async function signIn(servers: readonly NamespaceServer[]): Promise<ApiClient[]> {
  const { token } = await servers[0].api.signIn(ADMIN.email, ADMIN.password);
  const admins = servers.map(({ api }) => api.withToken(token!));
  await Promise.all(admins.map((admin) =>
    until(`${admin.url} knows the session`, SESSION_TIMEOUT_MS, async () => {
      await admin.get("/api/users/whoami");
      return true;
    })
  ));
  return admins;
}
