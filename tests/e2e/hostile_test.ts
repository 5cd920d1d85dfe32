import assert from "node:assert/strict";
import { type ApiClient, type Cluster, clusterTest, knot, Server, until } from "./mod.ts";

const RANDOM_PACKETS = 10_000;
const PACKET_BYTES_MAX = 1_400;
const STREAMS = 200;

/** What a server may have grown by when all of it is over. */
const GROWTH_BYTES_MAX = 20 * 2 ** 20;

/** So many lines say it; more would be a second attack, on the disk. */
const LOG_LINES_MAX = 60;

const PATIENCE_MS = 20_000;

/** What a garbled or hostile peer may open a stream with. */
const OPENINGS: readonly Uint8Array<ArrayBuffer>[] = [
  new Uint8Array(0), // Connects, and is silent.
  Uint8Array.of(0x6b), // Half of something.
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0), // A length of 4 GiB.
  Uint8Array.of(0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff),
  new TextEncoder().encode("GET /cluster HTTP/1.1\r\nHost: knot\r\n\r\n"),
  crypto.getRandomValues(new Uint8Array(40)),
  crypto.getRandomValues(new Uint8Array(4_096)),
];

/** Headers of requests for the cluster's websocket that prove nothing. */
const BAD_UPGRADES: ReadonlyArray<Record<string, string>> = [
  {},
  { "sec-websocket-protocol": "knot1, garbage" },
  { upgrade: "nonsense", connection: "upgrade" },
];

/** Random packets of random lengths, as fast as one socket takes them. */
async function sendRandomPackets(port: number): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  try {
    for (let sent = 0; sent < RANDOM_PACKETS; sent++) {
      const packet = crypto.getRandomValues(new Uint8Array(1 + Math.floor(Math.random() * PACKET_BYTES_MAX)));
      await socket.send(packet, { transport: "udp", hostname: "127.0.0.1", port });
    }
  } finally {
    socket.close();
  }
}

/** Opens streams that begin in every bad way and go no further, then closes them; refused and cut ones are fine. */
async function openBadStreams(port: number): Promise<void> {
  const streams: Deno.TcpConn[] = [];
  for (let index = 0; index < STREAMS; index++) {
    const stream = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    if (stream === undefined) continue;
    streams.push(stream);
    const opening = OPENINGS[index % OPENINGS.length];
    if (opening.length > 0) await stream.write(opening).catch(() => {});
  }
  for (const stream of streams) stream.close();
}

/** Every server calls every other one alive: nobody was suspected on the way. */
async function undisturbed(admins: readonly ApiClient[], count: number): Promise<void> {
  for (const admin of admins) {
    const members: Array<{ state: string }> = await admin.get("/api/cluster-info");
    assert.deepEqual(members.map(({ state }) => state), Array(count).fill("Alive"), admin.url);
  }
}

async function warmUp(admin: ApiClient): Promise<void> {
  for (let request = 0; request < 300; request++) await admin.get("/api/users");
}

async function attack(
  cluster: Cluster,
  { port, hostilities }: { port: number; hostilities: ReadonlyArray<(port: number) => Promise<void>> },
): Promise<void> {
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  await warmUp(admins[0]);
  const { process } = cluster.servers[0];
  const bytesBefore = await process.residentBytes();
  const linesBefore = process.lineCount;

  for (const hostility of hostilities) {
    await hostility(port);
    await undisturbed(admins, cluster.servers.length);
  }

  const name = `after-${port}`;
  await admins[0].create("/api/groups", { name });
  await until("The cluster goes on", PATIENCE_MS, () => admins[1].get(`/api/groups/${name}`));
  const grown = () => process.residentBytes().then((bytes) => bytes - bytesBefore);
  await until("Memory is back", PATIENCE_MS, async () => {
    const bytes = await grown();
    if (bytes > GROWTH_BYTES_MAX) throw new Error(`${Math.round(bytes / 2 ** 20)} MiB above before`);
    return true;
  });
  const lines = process.lineCount - linesBefore;
  console.log(`Memory ${Math.round(await grown() / 2 ** 20)} MiB above before, ${lines} log lines`);
  assert.ok(lines > 0, "what happens to a server is said");
  assert.ok(lines <= LOG_LINES_MAX, `${lines} log lines:\n${process.lines.slice(-lines).join("\n")}`);
}

clusterTest(
  "garbage on the UDP and TCP ports leaves the cluster undisturbed",
  { servers: 3, transport: "udp" },
  (cluster) =>
    attack(cluster, {
      port: cluster.servers[0].settings.cluster!.clusterPort,
      hostilities: [sendRandomPackets, openBadStreams],
    }),
);

clusterTest("garbage on the port of pages, API and websockets leaves the server serving", {
  servers: 2,
  transport: "wss",
}, async (cluster) => {
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  const { port } = cluster.servers[0].settings;
  await openBadStreams(port);
  for (const headers of BAD_UPGRADES) {
    const answer = await cluster.servers[0].api.request("GET", "/cluster", undefined, headers);
    assert.ok(answer.status < 500, `/cluster answers ${answer.status}`);
  }
  await undisturbed(admins, 2);
});

clusterTest("a server with another key does not join, and both sides say why", { servers: 2, transport: "udp" }, async (
  cluster,
) => {
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  const [known, other] = cluster.servers;
  await other.stop();
  const linesBefore = known.process.lineCount;
  const key = (await knot(["genkey"])).stdout.trim();
  const stranger = new Server({
    ...other.settings,
    folder: `${other.settings.folder}-stranger`,
    zone: "stranger",
    cluster: { ...other.settings.cluster!, key },
  });
  try {
    await stranger.start();
    for (const { process, settings } of [known, stranger]) {
      const lines = () => process.lines.filter((line) => /cluster key/i.test(line));
      await until(`${settings.zone} speaks of the key`, PATIENCE_MS, () => lines().length > 0);
      assert.ok(
        lines().every((line) => !line.includes(key) && !line.includes(cluster.key)),
        "keys stay out of the log",
      );
    }
    const zones = (await admins[0].get("/api/cluster-info"))
      .map(({ metadata }: { metadata: { zone: string } }) => metadata.zone);
    assert.ok(!zones.includes("stranger"), `members: ${zones.join(", ")}`);
    assert.ok(known.process.lineCount - linesBefore <= LOG_LINES_MAX);
  } finally {
    await stranger.kill();
  }
  await other.start();
  await cluster.allAlive(admins);
});
