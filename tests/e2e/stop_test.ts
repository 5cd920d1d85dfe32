import assert from "node:assert/strict";
import { clusterTest, eachTransport, STOP_TIMEOUT_MS, until } from "./mod.ts";

interface Member {
  readonly state: string;
  readonly metadata: { readonly zone: string };
}

for (const transport of eachTransport) {
  clusterTest("a server that is asked to stop says that it leaves", { servers: 3, transport }, async (cluster) => {
    const admins = await cluster.signIn();
    await cluster.allAlive(admins);
    const stateOfLast = async () => {
      const members: Member[] = await admins[0].get("/api/cluster-info");
      return members.find(({ metadata }) => metadata.zone === cluster.servers[2].settings.zone)?.state;
    };

    // An open event stream and an idle connection must not hold it up.
    const idle = await Deno.connect({ hostname: "127.0.0.1", port: cluster.servers[2].settings.port });
    const { code, elapsedMs } = await cluster.servers[2].stop();
    idle.close();
    console.log(`Stopped after ${elapsedMs} ms`);
    assert.equal(code, 0);
    assert.ok(elapsedMs <= STOP_TIMEOUT_MS, `${elapsedMs} ms`);
    await until("The others call it Leaving", 5_000, async () => await stateOfLast() === "Leaving");

    await cluster.servers[2].start();
    await until("The others call it Alive again", 10_000, async () => await stateOfLast() === "Alive");
  });
}

clusterTest("Ctrl-C stops a server with an open event stream within five seconds", {
  servers: 1,
  transport: "udp",
}, async (cluster) => {
  const [admin] = await cluster.signIn();
  const events = await fetch(new URL("/api/events", admin.url), {
    headers: { authorization: `Bearer ${admin.token}`, accept: "text/event-stream" },
  });
  assert.equal(events.status, 200);
  const { process } = cluster.servers[0];
  const started = performance.now();
  process.signal("SIGINT");
  await until("The server ends", 2 * STOP_TIMEOUT_MS, () => process.ended !== undefined);
  assert.equal(process.ended!.code, 0);
  assert.ok(performance.now() - started <= STOP_TIMEOUT_MS);
  await events.body?.cancel().catch(() => {}); // The server has ended it already.
});
