import { droppedPackets, type LinkRule, ruleset, TESTERS_PORT, type Traffic } from "./link_rule.ts";
import { shell } from "./shell.ts";
import { namespaceName, removeLeftovers, removeNamespace } from "./support.ts";

/** Networks that RFC 2544 keeps for measuring, 198.18.0.0/15, as /24: nobody's real network is among them. */
const NETWORKS = 512;
/** Far more than there are labs on one machine at one time. */
const NETWORK_ATTEMPTS_MAX = 50;

const ROUTER_HOST = 254;
const TESTERS_HOST = 253;

/** Where one server lives. */
export interface Place {
  readonly namespace: string;
  /** IPv4, the same from the other places and from the tests. */
  readonly address: string;
}

let labs = 0;

/**
 * Network namespaces around a router, which is one too. Every packet between two of them crosses the router once: there
 * it can be lost, so that senders learn nothing of it, as on a real network. Nothing outside of the lab is changed but
 * one cable to the router, for the tests' own requests.
 */
export class NetworkLab implements AsyncDisposable {
  readonly places: readonly Place[];
  readonly #router: string;
  readonly #cable: string;

  private constructor(parts: { router: string; cable: string; places: readonly Place[] }) {
    this.#router = parts.router;
    this.#cable = parts.cable;
    this.places = parts.places;
  }

  /**
   * Lays the cables for `count` servers, 1 to 200.
   *
   * @throws {Error} where `whyNoNamespaces` says why, or when there is no free network
   */
  static async create(count: number): Promise<NetworkLab> {
    if (labs === 0) await removeLeftovers();
    const number = ++labs;
    const router = namespaceName(number, "router");
    const cable = `kn${Deno.pid}-${number}`; // Names of devices have 15 letters at most.
    const names = Array.from({ length: count }, (_, index) => namespaceName(number, String(index + 1)));
    try {
      const network = await layCable(router, cable);
      const places = names.map((namespace, index) => ({ namespace, address: `${network}.${index + 1}` }));
      for (const place of places) await connect(place, router, `${network}.${ROUTER_HOST}`);
      return new NetworkLab({ router, cable, places });
    } catch (error) {
      await remove([...names, router], cable);
      throw error;
    }
  }

  /** From now on the router drops what matches any of `rules`, and nothing else. */
  async drop(rules: readonly LinkRule[]): Promise<void> {
    await shell([`ip netns exec ${this.#router} nft -f - <<'END'`, ruleset(rules), "END"]);
  }

  /** Everything arrives again. */
  async heal(): Promise<void> {
    await this.drop([]);
  }

  /** Packets that each of the rules in force has dropped, or only counted. One that matches several counts for the first that drops it. */
  async dropped(): Promise<number[]> {
    return droppedPackets(await shell([`ip netns exec ${this.#router} nft list ruleset`]));
  }

  /** What each place sent and received, in order, what was lost on the way to others included. */
  async traffic(): Promise<Traffic[]> {
    const counters = this.places.map((_, index) => `/sys/class/net/${port(index + 1)}/statistics`);
    const files = counters.flatMap((folder) =>
      ["rx_bytes", "tx_bytes", "rx_packets"].map((name) => `${folder}/${name}`)
    );
    const output = await shell([`ip netns exec ${this.#router} cat ${files.join(" ")}`]);
    const numbers = output.split("\n").map(Number);
    return this.places.map((_, index) => ({
      // What the router receives, the server has sent.
      sentBytes: numbers[3 * index],
      receivedBytes: numbers[3 * index + 1],
      sentPackets: numbers[3 * index + 2],
    }));
  }

  /** Ends every process in the lab and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await remove([...this.places.map(({ namespace }) => namespace), this.#router], this.#cable);
  }
}

/** Makes the router and a cable from it to us; answers with the first three numbers of a network that is now ours. */
async function layCable(router: string, cable: string): Promise<string> {
  await shell([
    `ip netns add ${router}`,
    `ip -n ${router} link set lo up`,
    `ip netns exec ${router} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'`,
    `ip link add ${cable} type veth peer name ${TESTERS_PORT} netns ${router}`,
    `ip -n ${router} link set ${TESTERS_PORT} up`,
    `ip link set ${cable} up`,
  ]);
  const network = await claimNetwork(cable);
  await shell([
    `ip addr add ${network}.${TESTERS_HOST}/32 dev ${cable}`,
    `ip -n ${router} addr add ${network}.${ROUTER_HOST}/32 dev ${TESTERS_PORT}`,
    `ip -n ${router} route add ${network}.${TESTERS_HOST}/32 dev ${TESTERS_PORT}`,
  ]);
  return network;
}

/** The kernel takes a route once: whoever adds it has the network, among all processes of this machine. */
async function claimNetwork(cable: string): Promise<string> {
  let last: unknown;
  for (let attempt = 0; attempt < NETWORK_ATTEMPTS_MAX; attempt++) {
    const number = Math.floor(Math.random() * NETWORKS);
    const network = `198.${18 + (number >> 8)}.${number & 255}`;
    try {
      await shell([`ip route add ${network}.0/24 via ${network}.${ROUTER_HOST} dev ${cable} onlink`]);
      return network;
    } catch (error) {
      last = error;
    }
  }
  throw new Error("Cannot find a free network for the lab", { cause: last });
}

async function connect({ namespace, address }: Place, router: string, routerAddress: string): Promise<void> {
  const near = port(Number(address.split(".").at(-1)));
  await shell([
    `ip netns add ${namespace}`,
    `ip -n ${namespace} link set lo up`,
    `ip link add lab0 netns ${namespace} type veth peer name ${near} netns ${router}`,
    `ip -n ${router} addr add ${routerAddress}/32 dev ${near}`,
    `ip -n ${router} link set ${near} up`,
    `ip -n ${router} route add ${address}/32 dev ${near}`,
    `ip -n ${namespace} addr add ${address}/32 dev lab0`,
    `ip -n ${namespace} link set lab0 up`,
    `ip -n ${namespace} route add default via ${routerAddress} dev lab0 onlink`,
  ]);
}

/** The router's end of a server's cable. */
function port(number: number): string {
  return `server${number}`;
}

async function remove(namespaces: readonly string[], cable: string): Promise<void> {
  // With its namespace the other end goes too, but later; its name must be free at once.
  await shell([`ip link del ${cable}`]).catch(() => undefined);
  for (const namespace of namespaces) await removeNamespace(namespace);
}
