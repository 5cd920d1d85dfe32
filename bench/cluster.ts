/**
 * Measures a cluster of real server processes on this machine, over each transport: how fast it starts, acknowledges,
 * replicates and catches up, and what it costs when nothing happens. Usage: `deno task bench`.
 */
import { type ApiClient, Cluster, type ClusterTransport, eachTransport, timed, until } from "../tests/e2e/mod.ts";
import { distribution } from "./distribution.ts";

const SERVERS = 3;
/** Enough for a 99th percentile that one pause of the machine does not decide. */
const WRITES = 200;
const BULK_WRITES = 500;
const BULK_WRITERS = 10;
const PATIENCE_MS = 60_000;
const MEBIBYTE = 2 ** 20;

/** Prints what was measured over each transport. */
export async function benchCluster(): Promise<void> {
  for (const transport of eachTransport) await measure(transport);
}

async function measure(transport: ClusterTransport): Promise<void> {
  console.log(`\n${SERVERS} servers over ${transport}`);
  const { result: cluster, elapsedMs } = await timed(() => Cluster.start({ servers: SERVERS, transport }));
  await using _ = cluster;
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  line("from nothing to all serving", `${elapsedMs} ms`);
  line("resident memory of each", await resident(cluster));
  await measureWrites(admins);
  await measureCatchingUp(cluster, admins);
  line("resident memory of each, after all that", await resident(cluster));
}

/** One write after the other: acknowledgement, and the last of the other servers to have it. */
async function measureWrites([first, ...others]: readonly ApiClient[]): Promise<void> {
  const acknowledged: number[] = [];
  const everywhere: number[] = [];
  for (let index = 0; index < WRITES; index++) {
    const write = () => first.create("/api/templatevars", { name: `single_${index}`, value: "x".repeat(100) });
    const { result: { templatevar_id: id }, elapsedMs } = await timed(write);
    acknowledged.push(elapsedMs);
    const seen = others.map((other) => until(id, PATIENCE_MS, () => other.get(`/api/templatevars/${id}`)));
    everywhere.push((await timed(() => Promise.all(seen))).elapsedMs);
  }
  line("write acknowledged", distribution(acknowledged));
  line("write at all others, after that", distribution(everywhere));
}

/** A server is killed, misses writes, and is started again. */
async function measureCatchingUp(cluster: Cluster, admins: readonly ApiClient[]): Promise<void> {
  await cluster.servers[2].kill();
  const { elapsedMs } = await timed(() => writeMany(admins.slice(0, 2)));
  line("writes of many at one time", `${Math.round(BULK_WRITES / elapsedMs * 1000)} a second`);
  const started = await timed(() => cluster.servers[2].start());
  line("from start to first answer", `${started.elapsedMs} ms`);
  const caughtUp = await timed(() =>
    until(
      "The restarted server has everything",
      PATIENCE_MS,
      async () => (await admins[2].get("/api/templatevars")).count === WRITES + BULK_WRITES,
    )
  );
  line(`from first answer to all ${BULK_WRITES} missed`, `${caughtUp.elapsedMs} ms`);
}

async function writeMany(admins: readonly ApiClient[]): Promise<void> {
  let next = 0;
  const writer = async () => {
    while (next < BULK_WRITES) {
      const index = next++;
      await admins[index % admins.length].create("/api/templatevars", {
        name: `bulk_${index}`,
        value: "x".repeat(100),
      });
    }
  };
  await Promise.all(Array.from({ length: BULK_WRITERS }, writer));
}

async function resident(cluster: Cluster): Promise<string> {
  const bytes = await Promise.all(cluster.servers.map(({ process }) => process.residentBytes()));
  return bytes.map((size) => `${Math.round(size / MEBIBYTE)} MiB`).join(", ");
}

function line(what: string, value: string): void {
  console.log(`  ${what.padEnd(42)} ${value}`);
}
