import assert from "node:assert/strict";
import { type ClusterTransport, timed, until } from "../e2e/mod.ts";
import {
  type LinkRule,
  NamespaceCluster,
  type NamespaceServer,
  throughout,
  whyNoNamespaces,
} from "../e2e/netns/mod.ts";

/** What the product promises for a write that has to go round a broken link. */
const ROUND_A_LINK_MS = 2_000;
/** Patience for what must come at last; what has a promise is asserted on the measured time. */
const PATIENCE_MS = 30_000;

const WATCH_MS = 20_000;
const PAUSE_MS = 30_000;
const LOSS_MS = 60_000;
const LOSS_PERCENT = 20;

const whyNot = await whyNoNamespaces();

/** Servers start one cluster after another, lest they starve each other; what follows runs side by side. */
let lastStart: Promise<unknown> = Promise.resolve();

interface Scenario {
  readonly name: string;
  readonly servers: number;
  readonly transport: ClusterTransport;
  readonly run: (cluster: NamespaceCluster) => Promise<void>;
}

async function play({ servers, transport, run }: Scenario): Promise<void> {
  const starting = lastStart.then(() => NamespaceCluster.start({ servers, transport }));
  lastStart = starting.catch(() => undefined);
  await using cluster = await starting;
  try {
    await run(cluster);
  } catch (error) {
    cluster.report();
    throw error;
  }
}

/** Both directions between the servers at `a` and `b`. */
function between(cluster: NamespaceCluster, a: number, b: number): LinkRule[] {
  const address = (index: number) => cluster.lab.places[index].address;
  return [{ from: address(a), to: address(b) }, { from: address(b), to: address(a) }];
}

/** Waits until the server at `observer` shows `value` for the server at `subject`. */
async function shows(
  cluster: NamespaceCluster,
  { observer, subject, key, value }: { observer: number; subject: number; key: string; value: string },
): Promise<void> {
  const [by, zone] = [observer, subject].map((index) => cluster.servers[index].settings.zone);
  await until(`${by} shows ${key} "${value}" for ${zone}`, PATIENCE_MS, async () => {
    const seen = (await cluster.seenBy(observer)).get(zone);
    if (seen?.metadata[key] !== value) throw new Error(JSON.stringify(seen));
    return true;
  });
}

/** Writes at one server; answers with how long after the acknowledgement it was at the other, in milliseconds. */
async function writeSeenAfterMs(cluster: NamespaceCluster, name: string, from: number, at: number): Promise<number> {
  const { templatevar_id: id } = await cluster.admins[from].create("/api/templatevars", { name, value: name });
  const arrived = () => until(`${name} is there`, PATIENCE_MS, () => cluster.admins[at].get(`/api/templatevars/${id}`));
  return (await timed(arrived)).elapsedMs;
}

async function assertWriteGoesRound(cluster: NamespaceCluster, name: string, from: number, at: number): Promise<void> {
  const elapsedMs = await writeSeenAfterMs(cluster, name, from, at);
  console.log(`${name} was on the other side of the broken link ${elapsedMs} ms after its acknowledgement`);
  assert.ok(elapsedMs <= ROUND_A_LINK_MS, `${name}: ${elapsedMs} ms`);
}

/** Like Promise.all, but leaves nothing running behind a failure. */
async function allOrFirstFailure(tasks: ReadonlyArray<Promise<unknown>>): Promise<void> {
  for (const result of await Promise.allSettled(tasks)) if (result.status === "rejected") throw result.reason;
}

/** A and C, the first and the last of three, lose each other. */
async function brokenLink(cluster: NamespaceCluster): Promise<void> {
  const mark = cluster.mark();
  const { transport } = cluster.servers[0].settings.cluster!;
  await cluster.lab.drop(between(cluster, 0, 2));
  const watch = throughout("All are alive everywhere", WATCH_MS, () => cluster.assertAllAlive());
  const rest = async () => {
    await assertWriteGoesRound(cluster, `${transport}_at_once`, 0, 2);
    await shows(cluster, { observer: 0, subject: 2, key: "relayed", value: "true" });
    await shows(cluster, { observer: 2, subject: 0, key: "relayed", value: "true" });
    await assertWriteGoesRound(cluster, `${transport}_there`, 0, 2);
    await assertWriteGoesRound(cluster, `${transport}_back`, 2, 0);
  };
  await allOrFirstFailure([watch, rest()]);
  await cluster.lab.heal();
  await shows(cluster, { observer: 0, subject: 2, key: "relayed", value: "false" });
  await shows(cluster, { observer: 2, subject: 0, key: "relayed", value: "false" });
  await cluster.assertAllAlive();
  assert.deepEqual(cluster.changesSince(mark), []);
}

async function blockedPackets(cluster: NamespaceCluster): Promise<void> {
  const mark = cluster.mark();
  const [{ address: a }, { address: b }] = cluster.lab.places;
  const blocked = (observer: number, subject: number, value: string) =>
    shows(cluster, { observer, subject, key: "packets_blocked", value });

  await cluster.lab.drop([{ from: b, protocol: "udp" }, { to: b, protocol: "udp" }]);
  await Promise.all([blocked(0, 1, "true"), blocked(2, 1, "true"), blocked(1, 0, "true"), blocked(1, 2, "true")]);
  await assertWriteGoesRound(cluster, "over_tcp", 1, 0);
  await throughout("All are alive over TCP", 5_000, () => cluster.assertAllAlive());
  await blocked(0, 2, "false");
  await cluster.lab.heal();
  await Promise.all([blocked(0, 1, "false"), blocked(2, 1, "false"), blocked(1, 0, "false"), blocked(1, 2, "false")]);

  // One way only: A's pings and A's acks are lost.
  await cluster.lab.drop([{ from: a, to: b, protocol: "udp" }]);
  await Promise.all([blocked(0, 1, "true"), blocked(1, 0, "true")]);
  await throughout("All are alive with packets one way", 5_000, () => cluster.assertAllAlive());
  await assertWriteGoesRound(cluster, "against_the_one_way", 0, 1);
  await blocked(2, 1, "false");
  await cluster.lab.heal();
  await Promise.all([blocked(0, 1, "false"), blocked(1, 0, "false")]);
  assert.deepEqual(cluster.changesSince(mark), []);
}

/** Stops the process in the midst of a probe: when it wakes, the time for an answer is long over. */
async function pauseWhileItProbes({ lab }: NamespaceCluster, { process, place: { address } }: NamespaceServer) {
  // It hears nothing, so it answers nothing: the first datagram that it sends is a probe.
  await lab.drop([{ from: address, protocol: "udp" }, { to: address }]);
  await until("It probes somebody", PATIENCE_MS, async () => (await lab.dropped())[0] > 0);
  process.signal("SIGSTOP");
  await lab.heal();
}

async function pausedProcess(cluster: NamespaceCluster): Promise<void> {
  const sleeper = cluster.servers.at(-1)!;
  const { zone } = sleeper.settings;
  const others = cluster.servers.slice(0, -1);
  const mark = cluster.mark();
  await pauseWhileItProbes(cluster, sleeper);
  const paused = performance.now();
  try {
    await Promise.all(
      others.map((other, index) =>
        until(
          `${other.settings.zone} calls the paused server dead`,
          PAUSE_MS,
          async () => (await cluster.seenBy(index)).get(zone)?.state === "Dead",
        )
      ),
    );
    console.log(`The paused server was dead everywhere after ${Math.round(performance.now() - paused)} ms`);
    await throughout("The others stay as they are", PAUSE_MS - (performance.now() - paused), () => {});
  } finally {
    sleeper.process.signal("SIGCONT");
  }
  const { elapsedMs } = await timed(() => cluster.allAlive(PATIENCE_MS));
  console.log(`All were alive everywhere ${elapsedMs} ms after the paused server woke`);
  assert.ok(elapsedMs <= 10_000, `all alive after ${elapsedMs} ms`);
  await throughout("All stay alive", 5_000, () => cluster.assertAllAlive());
  const changes = cluster.changesSince(mark);
  assert.deepEqual(changes.filter((change) => change.zone !== zone), []);
  for (const { settings } of others) {
    assert.ok(changes.some(({ by, state }) => by === settings.zone && state === "dead"), "The logs tell of a death");
  }
}

async function lossyLinks(cluster: NamespaceCluster): Promise<void> {
  const mark = cluster.mark();
  await cluster.lab.drop([{ lossPercent: LOSS_PERCENT }]);
  await throughout("Nobody dies", LOSS_MS, () => {
    const deaths = cluster.changesSince(mark).filter(({ state }) => state === "dead");
    assert.deepEqual(deaths, []);
  });
  const [lost] = await cluster.lab.dropped();
  assert.ok(lost > 0, "Packets must have been lost");
  const suspicions = cluster.changesSince(mark).filter(({ state }) => state === "suspect");
  console.log(`${LOSS_PERCENT} % loss for ${LOSS_MS / 1_000} s: ${suspicions.length} suspicions, no death`);
  await writeSeenAfterMs(cluster, "through_loss", 0, 3);
}

/** The longest first. */
const SCENARIOS: readonly Scenario[] = [
  { name: "a fifth of all packets lost kills nobody", servers: 4, transport: "udp", run: lossyLinks },
  { name: "a process paused for 30 s poisons nobody when it wakes", servers: 4, transport: "udp", run: pausedProcess },
  { name: "a broken link is gone round, and shown (udp)", servers: 3, transport: "udp", run: brokenLink },
  { name: "a broken link is gone round, and shown (wss)", servers: 3, transport: "wss", run: brokenLink },
  { name: "blocked datagrams are shown and worked around", servers: 3, transport: "udp", run: blockedPackets },
];

Deno.test({
  name: `servers in network namespaces withstand bad networks${whyNot === undefined ? "" : ` (skipped: ${whyNot})`}`,
  ignore: whyNot !== undefined,
  // The scenarios run side by side.
  sanitizeOps: false,
  sanitizeResources: false,
  sanitizeExit: false,
  async fn(test) {
    const settings = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
    await Promise.all(
      SCENARIOS.map((scenario) => test.step({ ...settings, name: scenario.name, fn: () => play(scenario) })),
    );
  },
});
