import { Cluster, type ClusterOptions } from "./cluster.ts";
import type { ClusterTransport } from "./server.ts";

/** Both ways in which servers can talk to each other; a cluster uses one. */
export const eachTransport: readonly ClusterTransport[] = ["udp", "wss"];

/** A test on a cluster of its own, set up and serving; when it fails, what the servers said is printed. */
export function clusterTest(
  name: string,
  options: ClusterOptions,
  body: (cluster: Cluster, test: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(`${name} (${options.servers} servers, ${options.transport})`, async (test) => {
    await using cluster = await Cluster.start(options);
    try {
      await body(cluster, test);
    } catch (error) {
      cluster.report();
      throw error;
    }
  });
}
