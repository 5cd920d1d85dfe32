import assert from "node:assert/strict";
import { loadRecords } from "../e2e/mod.ts";
import { NamespaceCluster, timeHealing, whyNoNamespaces } from "../e2e/netns/mod.ts";

const RECORDS = 2_000, CHANGES = 200;
/** Long enough that each side calls the other dead. */
const APART_MS = 12_000;
/** Several times what the bench must reach: the machine is busy with other tests. */
const HEALED_MS_MAX = 5_000;

const whyNot = await whyNoNamespaces();

Deno.test({
  name: `both sides of a partition write, and all is everywhere soon after it${
    whyNot === undefined ? "" : ` (skipped: ${whyNot})`
  }`,
  ignore: whyNot !== undefined,
  // The event streams of servers that are gone end by themselves.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using cluster = await NamespaceCluster.start({ servers: 5, transport: "udp" });
    try {
      const { records } = await loadRecords(cluster.servers, { count: RECORDS });
      await cluster.allAlive();
      const { healedMs, firstPacketAfterMs } = await timeHealing(cluster, {
        records,
        changes: CHANGES,
        apartMs: APART_MS,
      });
      console.log(
        `All was everywhere ${Math.round(healedMs)} ms after the first packet, which came after ${
          Math.round(firstPacketAfterMs)
        } ms`,
      );
      assert.ok(healedMs <= HEALED_MS_MAX, `${Math.round(healedMs)} ms`);
    } catch (error) {
      cluster.report();
      throw error;
    }
  },
});
