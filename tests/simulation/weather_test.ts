import assert from "node:assert/strict";
import { seededRandom } from "../../src/base/mod.ts";
import { MemoryNetwork } from "../../src/transport/mod.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { FINE_LINK, type LinkCondition, Weather } from "./weather.ts";

const [A, B] = ["10.0.0.1:1", "10.0.0.2:1"];

/** Two servers, and how many of `sent` packets from the first arrive at the second within a second. */
function pair(usual: LinkCondition = FINE_LINK) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const network = new MemoryNetwork({ clock, random });
  const weather = new Weather({ network, clock, random, usual });
  weather.place(0, A);
  weather.place(1, B);
  const arrivals = (sent: number) => {
    let arrived = 0;
    for (let i = 0; i < sent; i++) {
      arrived += network.reaches(A, B) ? network.fate(A, B, "packet", 100).delaysMs.length : 0;
    }
    return arrived;
  };
  return { clock, network, weather, arrivals };
}

Deno.test("Weather loses and doubles the share of packets that it was told to", () => {
  const lossy = pair({ ...FINE_LINK, loss: 0.3 }).arrivals(1_000);
  assert(lossy > 650 && lossy < 750, `${lossy}`);
  const doubled = pair({ ...FINE_LINK, duplicates: 0.2 }).arrivals(1_000);
  assert(doubled > 1_150 && doubled < 1_250, `${doubled}`);
});

Deno.test("Weather.mend() restores a direction only when nobody else has cut it", () => {
  const { weather, arrivals } = pair();
  weather.cut(0, 1);
  weather.cut(0, 1);
  weather.mend(0, 1);
  assert.equal(arrivals(1), 0);
  weather.mend(0, 1);
  assert.equal(arrivals(1), 1);
});

Deno.test("Weather.cut() follows a server to its new address", () => {
  const { weather, network } = pair();
  weather.cut(0, 1);
  weather.place(1, "10.1.0.2:1");
  assert(!network.reaches(A, "10.1.0.2:1"));
  assert(network.reaches("10.1.0.2:1", A));
});

Deno.test("Weather.clog() holds packets back until it ends", () => {
  const { weather, network } = pair();
  weather.clog(0, 1, 500);
  assert.deepEqual(network.fate(A, B, "packet", 1).delaysMs, [510]);
  assert.deepEqual(network.fate(B, A, "packet", 1).delaysMs, [10]);
});

Deno.test("Weather.perfectSinceMs() knows since when nothing went wrong in either direction", async () => {
  const { weather, clock } = pair();
  assert.equal(weather.perfectSinceMs(0, 1), -Infinity);
  weather.set(1, 0, { ...FINE_LINK, loss: 0.1 });
  assert.equal(weather.perfectSinceMs(0, 1), Infinity);
  await clock.run(1_000);
  weather.set(1, 0, undefined);
  assert.equal(weather.perfectSinceMs(0, 1), 1_000);
});
