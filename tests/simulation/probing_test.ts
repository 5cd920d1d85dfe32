import assert from "node:assert/strict";
import { Simulation } from "./simulation.ts";

const SERVERS = 12;
/** Everybody has found everybody after so long, in milliseconds. */
const SETTLE_MS = 10_000;

/** Who was pinged in each second of wall-clock time, and by whom. */
async function pingsOf(simulation: Simulation, seconds: number): Promise<{ target: string; by: string }[][]> {
  const bySecond: { target: string; by: string }[][] = [];
  await simulation.clock.run(1_000 - simulation.clock.wallMs() % 1_000);
  const firstMs = simulation.clock.wallMs();
  const stop = simulation.onMessage((server, way, message) => {
    if (way !== "sent" || message.kind !== "ping") return;
    (bySecond[Math.floor((simulation.clock.wallMs() - firstMs) / 1_000)] ??= []).push({
      target: message.target,
      by: server.nodeId,
    });
  });
  await simulation.clock.run(seconds * 1_000 - 1);
  stop();
  return bySecond;
}

Deno.test("every member is probed once in each second, by another one each time", async () => {
  const simulation = new Simulation({ seed: 1 });
  await simulation.cluster(SERVERS);
  await simulation.clock.run(SETTLE_MS);
  const seconds = await pingsOf(simulation, SERVERS - 1);
  for (const pings of seconds) assert.equal(new Set(pings.map(({ target }) => target)).size, SERVERS);
  const pairs = seconds.flat().map(({ target, by }) => `${by} ${target}`);
  assert.equal(pairs.length, SERVERS * (SERVERS - 1));
  assert.equal(new Set(pairs).size, pairs.length);
});

Deno.test("a server whose clock is off still probes everybody in turn, and everybody is probed", async () => {
  const simulation = new Simulation({ seed: 2 });
  const servers = await simulation.cluster(SERVERS);
  servers.forEach((server, index) => server.skewMs = index * 7_321);
  await simulation.clock.run(SETTLE_MS);
  const pairs = (await pingsOf(simulation, SERVERS)).flat().map(({ target, by }) => `${by} ${target}`);
  assert.equal(new Set(pairs).size, SERVERS * (SERVERS - 1));
});
