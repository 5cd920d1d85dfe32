import assert from "node:assert/strict";
import { Hono } from "hono";
import { silentLogger, systemClock } from "../base/mod.ts";
import { Acceptor, eventually, Heard } from "../../tests/conformance/transport_suite.ts";
import { clearAdmission, makeCertificate, websocketWorld } from "../../tests/conformance/websocket_world.ts";
import { noWebsocketClusterAnswer } from "./admission.ts";
import { hostPortTransport } from "./host_port.ts";
import { STRANGERS_PER_ADDRESS_MAX } from "./strangers.ts";
import { websocketTransport } from "./websocket.ts";

const options = { clock: systemClock, log: silentLogger };
const world = websocketWorld(undefined);
const certificate = await makeCertificate();

/** A web server on loopback that answers everything so. */
function answering(answer: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return { address: `ws://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("clusterRoute answers a challenge without an upgrade, and 403 with the reason without a valid proof", async () => {
  const transport = websocketTransport({ advertiseAddr: "wss://a/", admission: clearAdmission("key"), ...options });
  const app = new Hono().get("/cluster", transport.clusterRoute);
  assert.equal((await app.request("/cluster")).status, 503, "not started yet");
  await transport.start(new Acceptor());
  const asked = await app.request("/cluster");
  assert.equal(asked.status, 200);
  assert.equal(asked.headers.get("cache-control"), "no-store");
  assert.deepEqual(await asked.json(), { challenge: "challenge-1", protocol: "knot-cluster" });
  const upgrade = (protocols: string) =>
    app.request("/cluster", { headers: { upgrade: "websocket", "sec-websocket-protocol": protocols } });
  for (
    const [protocols, verdict] of [
      ["", "garbage"],
      ["knot1", "garbage"],
      ["knot1, nonsense", "garbage"],
      ["knot2, key.challenge-1", "garbage"],
      ["knot1, other.challenge-1", "other_key"],
      ["knot1, key.challenge-9", "expired"],
    ]
  ) {
    const refused = await upgrade(protocols);
    assert.equal(refused.status, 403, protocols);
    const body = await refused.json();
    assert.equal(body.verdict, verdict, protocols);
    assert.equal(typeof body.error, "string");
  }
  assert.equal((await upgrade("knot1, key.challenge-1")).status, 400, "a good proof, but no websocket behind it");
  await transport[Symbol.asyncDispose]();
  assert.equal((await app.request("/cluster")).status, 503, "disposed of");
});

Deno.test("websocketTransport() says what it has met in place of a peer", async () => {
  await using near = await world.open(new Acceptor(), options);
  const cases: Array<[string, (request: Request) => Response, RegExp, string]> = [
    ["a web page", () => new Response("<html>"), /is not a knot server in cluster mode/, "not_knot"],
    ["no such page", () => new Response("no", { status: 404 }), /\(HTTP 404\) is not a knot server/, "not_knot"],
    ["a redirect", () => Response.redirect("http://other/"), /redirects to http:\/\/other\//, "not_knot"],
    ["an endless page", () => new Response(endless()), /is not a knot server/, "not_knot"],
    [
      "a server without cluster mode",
      () => Response.json(noWebsocketClusterAnswer("none"), { status: 404 }),
      /a knot server without cluster mode/,
      "other_transport",
    ],
    [
      "a server of the other transport",
      () => Response.json(noWebsocketClusterAnswer("host_port"), { status: 404 }),
      /uses TCP and UDP.*same transport/,
      "other_transport",
    ],
    [
      "a hostile challenge",
      () => Response.json({ protocol: "knot-cluster", challenge: "a b\r\nc" }),
      /is not a knot server/,
      "not_knot",
    ],
    [
      "a busy server",
      () => Response.json({ error: "come\nlater" }, { status: 503 }),
      /busy: come later/,
      "unreachable",
    ],
    [
      "a challenge, but no websocket",
      () => Response.json({ protocol: "knot-cluster", challenge: "abc" }),
      /the websocket was refused/,
      "unreachable",
    ],
  ];
  for (const [what, answer, message, reason] of cases) {
    await using server = answering(answer);
    await assert.rejects(near.transport.dial(server.address, new Heard()), (error: Error & { reason: string }) => {
      assert.match(error.message, message, what);
      assert.ok(error.message.includes(`"${server.address}"`), what);
      assert.equal(error.reason, reason, what);
      return true;
    });
  }
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000).fill(32)) });
}

Deno.test("websocketTransport() says when a peer has another cluster key", async () => {
  const other = websocketWorld(undefined, { admission: clearAdmission("other") });
  const acceptor = new Acceptor();
  await using far = await world.open(acceptor, options);
  await using near = await other.open(new Acceptor(), options);
  await assert.rejects(near.transport.dial(far.address, new Heard()), {
    message: /another cluster key; server\.cluster\.key must be the same/,
    reason: "other_key",
  });
  assert.equal(acceptor.streams.length, 0);
});

Deno.test("websocketTransport() says when a peer's address is host:port, and when a TCP peer answers", async () => {
  await using near = await world.open(new Acceptor(), options);
  await assert.rejects(near.transport.dial("knot1:3100", new Heard()), { reason: "other_transport" });
  const acceptor = new Acceptor();
  acceptor.accepted = (stream) => ({ data: () => stream.close(), closed() {} });
  await using tcp = hostPortTransport({ advertiseAddr: "127.0.0.1:0", bindAddr: "127.0.0.1:0", ...options });
  await tcp.start(acceptor);
  await assert.rejects(near.transport.dial(`ws://${tcp.address}/`, new Heard()), /does its cluster use TCP and UDP\?/);
});

Deno.test("websocketTransport() closes the stream of a client that sends text, and takes no subprotocol but its own", async () => {
  const acceptor = new Acceptor();
  await using far = await world.open(acceptor, options);
  const socket = new WebSocket(`${far.address}cluster`, ["knot1", "key.challenge-0"]);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  assert.equal(socket.protocol, "knot1");
  socket.send("text");
  assert.equal((await closed).code, 1003);
  await eventually("the end", () => acceptor.heard[0].endings.length === 1);
  assert.deepEqual(acceptor.heard[0].endings, ["the peer sent text"]);
});

Deno.test("websocketTransport() takes no more than 64 unproved connections of one address", async () => {
  const acceptor = new Acceptor({ prove: false });
  await using far = await world.open(acceptor, options);
  await using near = await world.open(new Acceptor(), options);
  const dials = Array.from({ length: STRANGERS_PER_ADDRESS_MAX }, () => near.transport.dial(far.address, new Heard()));
  await Promise.all(dials);
  await assert.rejects(near.transport.dial(far.address, new Heard()), { name: "DialError", reason: "unreachable" });
  acceptor.streams[0].proved();
  await near.transport.dial(far.address, new Heard());
});

Deno.test("websocketTransport() answers write, write, read without waiting for a delayed acknowledgement", async () => {
  const acceptor = new Acceptor();
  await using far = await world.open(acceptor, options);
  await using near = await world.open(new Acceptor(), options);
  const heard = new Heard();
  const stream = await near.transport.dial(far.address, heard);
  await eventually("the stream", () => acceptor.streams.length === 1);
  const elapsedMs: number[] = [];
  for (let round = 1; round <= 15; round++) {
    const startMs = performance.now();
    stream.write(new Uint8Array(100));
    await eventually("the first message to leave", () => stream.bufferedBytes === 0);
    stream.write(new Uint8Array(100));
    await eventually("both messages", () => acceptor.heard[0].bytes === round * 200);
    // The system holds acknowledgements back only on a connection that talks both ways.
    acceptor.streams[0].write(new Uint8Array(100));
    await eventually("the answer", () => heard.bytes === round * 100);
    elapsedMs.push(performance.now() - startMs);
  }
  elapsedMs.sort((a, b) => a - b);
  // Not the median: a busy machine may hold up any of them, the acknowledgement holds up nearly all.
  assert.ok(elapsedMs[3] < 35, `the fourth of fifteen takes ${elapsedMs[3]} ms; without answers it is 44 ms`);
});

Deno.test({
  name: "websocketTransport() says why it does not trust a certificate",
  ignore: certificate === undefined, // No openssl here to make one.
  async fn() {
    await using far = await websocketWorld(certificate).open(new Acceptor(), options);
    await using near = await world.open(new Acceptor(), options);
    const untrusted = near.transport.dial(far.address, new Heard());
    await assert.rejects(untrusted, { message: /not trusted.*server\.tls\.ca_file/, reason: "untrusted" });
    await using knowing = await websocketWorld(certificate).open(new Acceptor(), options);
    const plain = knowing.transport.dial(far.address.replace("wss:", "ws:"), new Heard());
    await assert.rejects(plain, { message: /does not speak plain HTTP/, reason: "not_knot" });
    await using web = answering(() => new Response("hello"));
    const noTls = knowing.transport.dial(web.address.replace("ws:", "wss:"), new Heard());
    await assert.rejects(noTls, { message: /does not speak TLS/, reason: "not_knot" });
    const other = websocketWorld(certificate, { admission: clearAdmission("other") });
    await using stranger = await other.open(new Acceptor(), options);
    await assert.rejects(stranger.transport.dial(far.address, new Heard()), { reason: "other_key" });
  },
});
