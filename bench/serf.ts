/**
 * How long until everybody knows that a server is gone, beside serf in one run: as many servers of each, every one in a network
 * namespace, and all packets of one are dropped. A killed process would give itself away by its closing connections.
 * Usage: `deno task bench serf [--rounds N] [--servers N]`.
 */
import { parseArgs } from "node:util";
import { type KnotProcess, until } from "../tests/e2e/mod.ts";
import { memberChanges, NamespaceCluster, type NetworkLab, whyNoNamespaces } from "../tests/e2e/netns/mod.ts";
import { mean, seconds } from "./membership/row.ts";
import { SerfCluster, serfVersion } from "./serf/serf_cluster.ts";
import { stopRequest } from "./stop_request.ts";

const ROUNDS_MAX = 1_000;
const SERVERS_MAX = 9;
/** Several times what either needs. */
const DEAD_TIMEOUT_MS = 120_000;
/** Both raise their patience when they have failed to reach others; until it is as at first. */
const SETTLE_MS = 15_000;

/** One side of the comparison. */
interface Contender {
  readonly name: string;
  readonly lab: NetworkLab;
  readonly processes: readonly KnotProcess[];
  /** Whether the process at `observer` has said since its `sinceLine`th line that the one at `victim` is dead. */
  saysDead(observer: number, victim: number, sinceLine: number): boolean;
  /** Everything arrives again: waits until all call each other alive. */
  reunite(victim: number): Promise<void>;
}

/** Prints the table. Exit code: 0 when we are the sooner ones in mean and worst, 1 when not, 2 when the arguments make no sense. */
export async function benchSerf(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    console.error("Usage: deno task bench serf [--rounds N] [--servers N]");
    return 2;
  }
  const whyNot = await whyNoNamespaces();
  const serf = await serfVersion();
  if (whyNot !== undefined || "missing" in serf) {
    console.error(`Cannot measure against serf: it ${whyNot ?? ("missing" in serf ? serf.missing : "")}`);
    return 1;
  }
  using stop = stopRequest();
  try {
    return await compare(options, { version: serf.version, signal: stop.signal });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error("Stopped on request, without a verdict");
    return 1;
  }
}

function readOptions(args: readonly string[]): { rounds: number; servers: number } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { rounds: { type: "string", default: "5" }, servers: { type: "string", default: "8" } },
    });
    const [rounds, servers] = [values.rounds, values.servers].map(Number);
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX) return undefined;
    if (!Number.isInteger(servers) || servers < 3 || servers > SERVERS_MAX) return undefined;
    return { rounds, servers };
  } catch {
    return undefined; // An option that does not exist.
  }
}

async function compare(
  { rounds, servers }: { rounds: number; servers: number },
  { version, signal }: { version: string; signal: AbortSignal },
): Promise<number> {
  await using ours = await NamespaceCluster.start({ servers, transport: "udp" });
  await using theirs = await SerfCluster.start(servers);
  const contenders = [knotContender(ours), serfContender(theirs, version)];
  const times: number[][] = contenders.map(() => []);
  console.log(`${servers} servers each, all packets of one dropped: from then until all others say that it is dead`);
  for (let round = 0; round < rounds; round++) {
    await pause(SETTLE_MS, signal);
    const victim = round % servers;
    const results = await Promise.all(contenders.map((contender) => lastToSayDeadMs(contender, victim)));
    for (const [index, elapsedMs] of results.entries()) times[index].push(elapsedMs);
    console.log(
      `  round ${round + 1}: ${contenders.map(({ name }, at) => `${name} ${seconds(results[at])}`).join(", ")}`,
    );
    await Promise.all(contenders.map((contender) => contender.reunite(victim)));
  }
  console.log(`${"".padEnd(24)} ${"mean".padStart(8)} ${"max".padStart(8)}`);
  for (const [index, { name }] of contenders.entries()) {
    const cells = [mean(times[index]), Math.max(...times[index])].map((ms) => seconds(ms).padStart(8));
    console.log(`${name.padEnd(24)} ${cells.join(" ")}`);
  }
  const [knot, serf] = times;
  return mean(knot) < mean(serf) && Math.max(...knot) < Math.max(...serf) ? 0 : 1;
}

function knotContender(cluster: NamespaceCluster): Contender {
  return {
    name: "knot",
    lab: cluster.lab,
    processes: cluster.servers.map(({ process }) => process),
    saysDead: (observer, victim, sinceLine) => {
      const { zone } = cluster.servers[victim].settings;
      const changes = memberChanges(cluster.servers[observer].process, sinceLine);
      return changes.some((change) => change.zone === zone && change.state === "dead");
    },
    reunite: async () => {
      await cluster.lab.heal();
      await cluster.allAlive();
    },
  };
}

function serfContender(cluster: SerfCluster, version: string): Contender {
  return {
    name: `serf ${version}`,
    lab: cluster.lab,
    processes: cluster.processes,
    saysDead: (observer, victim, sinceLine) =>
      cluster.processes[observer].lines.slice(sinceLine).some((line) => cluster.saysFailed(line, victim)),
    reunite: async (victim) => {
      await cluster.lab.heal();
      await cluster.rejoin(victim);
    },
  };
}

/** Milliseconds from the drop until the last of the others has written it to its log. */
async function lastToSayDeadMs({ name, lab, processes, saysDead }: Contender, victim: number): Promise<number> {
  const { address } = lab.places[victim];
  const observers = [...processes.keys()].filter((index) => index !== victim);
  const mark = processes.map(({ lineCount }) => lineCount);
  const started = performance.now();
  await lab.drop([{ from: address }, { to: address }]);
  await until(
    `All others of ${name} say that server ${victim + 1} is dead`,
    DEAD_TIMEOUT_MS,
    () => observers.every((observer) => saysDead(observer, victim, mark[observer])),
  );
  return performance.now() - started;
}

/** Waits, with up to a second more by chance: rounds must not all begin at one moment of everybody's probing. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + ms + 1_000 * Math.random();
  while (performance.now() < end) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
