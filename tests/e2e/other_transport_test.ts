import assert from "node:assert/strict";
import { Cluster, type ClusterTransport, eachTransport, Server, until } from "./mod.ts";

/** A dial, and the retry after it. */
const PATIENCE_MS = 20_000;

/** Where a server of the other transport would look for `server`, whichever port it means. */
function peersFor(server: Server, transport: ClusterTransport): string[] {
  const { port, cluster } = server.settings;
  return transport === "wss" ? [`wss://127.0.0.1:${cluster!.clusterPort}/`] : [`127.0.0.1:${port}`];
}

for (const transport of eachTransport) {
  const other = transport === "wss" ? "udp" : "wss";
  Deno.test(`a ${transport} server that is pointed at a ${other} server says so and does not join`, async () => {
    await using known = await Cluster.start({ servers: 1, transport: other });
    await using strangers = await Cluster.prepare({ servers: 1, transport });
    const { settings } = strangers.servers[0];
    const peers = peersFor(known.servers[0], transport);
    const stranger = new Server({ ...settings, cluster: { ...settings.cluster!, key: known.key, peers } });
    try {
      await stranger.start();
      // Of what is no HTTP, a websocket server hears nothing: the runtime has answered it. The other side speaks for both.
      const speakers = transport === "wss" ? [stranger, known.servers[0]] : [stranger];
      for (const server of speakers) {
        await until(
          `${server.url} speaks of the transport`,
          PATIENCE_MS,
          () => server.process.lines.some((line) => /other transport|TCP and UDP/.test(line)),
        );
      }
      const [admin] = await known.signIn();
      assert.equal((await admin.get("/api/cluster-info")).length, 1);
    } catch (error) {
      known.report();
      console.log(stranger.process.lines.join("\n"));
      throw error;
    } finally {
      await stranger.kill();
    }
  });
}
