import assert from "node:assert/strict";
import { allSeeEachOther } from "./checks.ts";
import { Simulation } from "./simulation.ts";

/** Twins of connections have fallen idle, and were closed. */
const TIDY_MS = 60_000;

Deno.test("over websockets each pair of servers keeps one connection, though both dialled at the same moment", async () => {
  for (const seed of [1, 2, 3]) {
    const simulation = new Simulation({ seed, websocket: true });
    const servers = await simulation.cluster(6);
    await simulation.until("all see each other", () => allSeeEachOther(servers));
    await simulation.clock.run(TIDY_MS);
    for (const { name, streams } of servers) assert.equal(streams.size, 5, `${name} has ${streams.size} connections`);
    await simulation.end();
  }
});

Deno.test("a connection on which nothing comes back is given up, and a new one serves when the link is mended", async () => {
  const simulation = new Simulation({ seed: 4, websocket: true });
  const servers = await simulation.cluster(3);
  const [a, b] = servers;
  await simulation.until("all see each other", () => allSeeEachOther(servers));
  await simulation.clock.run(TIDY_MS);
  const before = new Set([...a.streams]);
  simulation.weather.cut(a.index, b.index);
  simulation.weather.cut(b.index, a.index);
  await simulation.clock.run(120_000);
  assert.equal([...a.streams].filter((stream) => before.has(stream)).length, 1, "only the one to the third is left");
  simulation.weather.heal();
  await simulation.until("the two talk directly again", () => {
    const seen = a.node!.status().members.find(({ id }) => id === b.nodeId);
    return seen?.relayed === false && seen.state === "alive" && a.streams.size === 2;
  }, 30_000);
  await simulation.end();
});
