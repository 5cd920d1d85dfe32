import assert from "node:assert/strict";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { PacketRoutes, ROUTE_FRESH_MS } from "./packet_routes.ts";

/** Lets everything that waits for a promise run on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const clock = new VirtualClock(1_000);
  const sent: string[] = [];
  const answers: Array<string[] | Error> = [];
  let asked = 0;
  const routes = new PacketRoutes({
    clock,
    resolver: {
      addresses() {
        asked++;
        const answer = answers.shift() ?? new Error("no answer");
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      services: () => Promise.reject(new Error("no SRV here")),
    },
    send: (_to, target, payload) => sent.push(`${payload[0]} to ${target.host}:${target.port}`),
  });
  const send = (to: string, byte: number) => routes.send(to, new Uint8Array([byte]));
  return { clock, routes, sent, send, answers, asked: () => asked };
}

Deno.test("PacketRoutes sends to literals at once and never asks", () => {
  const { sent, send, asked } = setUp();
  send("10.0.0.1:3100", 1);
  send("[::1]:3100", 2);
  assert.deepEqual(sent, ["1 to 10.0.0.1:3100", "2 to ::1:3100"]);
  assert.equal(asked(), 0);
});

Deno.test("PacketRoutes lets a few packets wait for a name's first answer, and asks once for all of them", async () => {
  const { sent, send, answers, asked } = setUp();
  answers.push(["10.0.0.1"]);
  for (let byte = 1; byte <= 6; byte++) send("knot1:3100", byte);
  assert.deepEqual(sent, []);
  await settled();
  assert.deepEqual(sent, [1, 2, 3, 4].map((byte) => `${byte} to 10.0.0.1:3100`));
  assert.equal(asked(), 1);
});

Deno.test("PacketRoutes asks again in the background when an answer is 30 s old, and uses the old one meanwhile", async () => {
  const { clock, sent, send, answers, asked } = setUp();
  answers.push(["10.0.0.1"], ["10.0.0.2"]);
  send("knot1:3100", 1);
  await settled();
  clock.advance(ROUTE_FRESH_MS);
  send("knot1:3100", 2);
  assert.deepEqual(sent, ["1 to 10.0.0.1:3100", "2 to 10.0.0.1:3100"]);
  await settled();
  send("knot1:3100", 3);
  assert.equal(sent[2], "3 to 10.0.0.2:3100");
  assert.equal(asked(), 2);
});

Deno.test("PacketRoutes keeps what it knows while the name server is down, and does not hammer it", async () => {
  const { clock, sent, send, answers, asked } = setUp();
  answers.push(["10.0.0.1"]);
  send("knot1:3100", 1);
  await settled();
  clock.advance(ROUTE_FRESH_MS);
  for (let byte = 2; byte <= 5; byte++) {
    send("knot1:3100", byte);
    await settled();
  }
  assert.equal(sent.length, 5);
  assert.equal(asked(), 2);
});

Deno.test("PacketRoutes drops packets to a name that cannot be resolved", async () => {
  const { clock, sent, send, answers } = setUp();
  send("knot1:3100", 1);
  await settled();
  clock.advance(60_000);
  answers.push(["10.0.0.1"]);
  send("knot1:3100", 2);
  await settled();
  assert.deepEqual(sent, ["2 to 10.0.0.1:3100"]);
});

Deno.test("PacketRoutes moves on when the kernel refuses an address, and goes where a stream has answered", async () => {
  const { routes, clock, sent, send, answers } = setUp();
  answers.push(["fd00::1", "10.0.0.1"], ["fd00::1", "10.0.0.1"]);
  send("knot1:3100", 1);
  await settled();
  routes.failed("knot1:3100", { host: "another", port: 1 });
  send("knot1:3100", 2);
  routes.prefer("knot1:3100", "10.0.0.1");
  send("knot1:3100", 3);
  clock.advance(ROUTE_FRESH_MS);
  send("knot1:3100", 4);
  await settled();
  send("knot1:3100", 5);
  assert.deepEqual(sent.map((line) => line.slice(5)), [
    "fd00::1:3100",
    "fd00::1:3100",
    "10.0.0.1:3100",
    "10.0.0.1:3100",
    "10.0.0.1:3100",
  ]);
});
