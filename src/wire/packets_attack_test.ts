import assert from "node:assert/strict";
import fc from "fast-check";
import { HELLO_BYTES, PACKET_OVERHEAD_BYTES } from "./packet_boxes.ts";
import { acquainted, bytes, KEYS, Net, OTHER_KEYS, refusal, type Server } from "./packets_fixture.ts";
import { REPLAY_WINDOW_PACKETS } from "./replay_window.ts";

Deno.test("a recording does not take the place of newer payloads that are held", () => {
  const net = new Net();
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  for (const words of ["older", "new", "newer", "newest"]) a.send("b:1", words);
  const [older, ...newer] = net.flying.splice(0);
  for (const { datagram } of [...newer, older, newer[0]]) b.take("a:1", datagram);
  net.settle();
  assert.deepEqual(b.received, ["new", "newer", "newest"]);
});

Deno.test("no two receivers get bytes under one key and nonce", () => {
  const { net, a } = acquainted();
  const c = net.add("c:1");
  a.send("c:1", "hello");
  net.settle();
  c.send("a:1", "hello");
  net.settle();
  const boxes = ["b:1", "c:1"].map((to) => a.sessions.seal(to, new Uint8Array(32)).slice(28, 60));
  assert.equal(a.sessions.seal("c:1", bytes("x")).length, PACKET_OVERHEAD_BYTES + 1);
  assert.notDeepEqual(boxes[0], boxes[1]);
});

Deno.test("what was recorded of a dead boot is worthless", () => {
  const { net, a, b } = acquainted();
  net.recorded.length = 0;
  a.start();
  a.send("b:1", "hello of a boot that dies");
  net.settle();
  a.send("b:1", "sealed by a boot that dies".padEnd(150));
  net.settle();
  b.send("a:1", "what b says".padEnd(150));
  net.settle();
  const recorded = net.recorded.splice(0);
  assert.equal(b.received.length, 2);
  b.start();
  b.received.length = 0;
  net.servers.delete("a:1");
  for (let round = 0; round < 3; round++) {
    for (const { datagram } of recorded) b.take("attacker:1", datagram);
    for (const { datagram } of net.recorded.splice(0)) b.take("attacker:1", datagram);
    net.nowMs += 15_000;
  }
  assert.deepEqual(b.received, []);
});

Deno.test("replaying a live peer's packets delivers nothing twice, in whatever order", () => {
  const { net, a, b } = acquainted();
  a.start();
  for (let i = 0; i < 20; i++) {
    a.send("b:1", `number ${i}`);
    if (i % 3 === 0) b.send("a:1", `ack ${i}`);
    net.settle();
  }
  const before = b.received.length;
  assert.equal(before, 20);
  const recorded = [...net.recorded];
  for (let round = 0; round < 200; round++) {
    const { to, datagram } = recorded[net.random.below(recorded.length)];
    net.nowMs += net.random.below(500);
    net.servers.get(to)!.take(`attacker:${round % 5}`, datagram);
    if (round % 10 === 0) net.settle();
  }
  assert.equal(b.received.length, before);
  a.send("b:1", "still here");
  net.settle();
  assert.equal(b.received.at(-1), "still here");
});

Deno.test("a packet for one server is worthless at another", () => {
  const { net, a, b } = acquainted();
  const c = net.add("c:1");
  a.send("c:1", "hello");
  net.settle();
  c.send("a:1", "hello");
  net.settle();
  const forB = a.sessions.seal("b:1", bytes("ack 5".padEnd(100)));
  c.received.length = 0;
  c.take("a:1", forB);
  assert.deepEqual(c.received, []);
  const renamed = forB.slice();
  renamed.set(c.sessions.seal("a:1", bytes("x")).subarray(10, 14), 24); // Says that it is for c.
  assert.equal(refusal(c.take("a:1", renamed)), "forged");
  assert.equal(refusal(b.take("a:1", forB)), "payload");
});

Deno.test("packets come in any order within the window, and not at all behind it", () => {
  const { a, b } = acquainted();
  const packets = Array.from({ length: REPLAY_WINDOW_PACKETS + 1 }, () => a.sessions.seal("b:1", bytes("x")));
  assert.equal(refusal(b.take("a:1", packets.at(-1)!)), "payload");
  assert.equal(refusal(b.take("a:1", packets[0])), "replayed");
  for (const packet of packets.slice(1, -1).reverse()) assert.equal(refusal(b.take("a:1", packet)), "payload");
  for (const packet of packets) assert.equal(refusal(b.take("a:1", packet)), "replayed");
});

Deno.test("no reply is longer than the packet that caused it", () => {
  const { net, a, b } = acquainted();
  b.start();
  for (let length = 1; length < 200; length++) {
    net.nowMs += 10_000;
    const packet = a.sessions.seal("b:1", new Uint8Array(length));
    const opened = b.take("a:1", packet);
    if (opened.kind === "rejected") assert.ok(packet.length < HELLO_BYTES, `no reply to ${packet.length} bytes`);
    else for (const reply of opened.datagrams) assert.ok(reply.length <= packet.length);
  }
  const hello = a.sessions.seal("nobody:1", bytes("x"));
  const opened = b.take("a:1", hello);
  assert.ok(opened.kind === "reply" && opened.datagrams[0].length <= hello.length);
});

Deno.test("a flood that cannot be read causes few replies, to one address and in all", () => {
  const { net, a, b } = acquainted();
  b.start();
  const packet = a.sessions.seal("b:1", new Uint8Array(200));
  const replies = (from: (i: number) => string, count: number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const opened = b.sessions.open(from(i), packet);
      if (opened.kind === "reply") sum += opened.datagrams.length;
    }
    return sum;
  };
  assert.ok(replies(() => "victim:1", 1000) <= 4);
  assert.ok(replies((i) => `victim${i}:1`, 3000) <= 400);
  net.nowMs += 1000;
  assert.ok(replies((i) => `victim${i}:2`, 3000) <= 200);
  net.nowMs += 1000;
  a.send("b:1", "still able to join".padEnd(100));
  net.settle();
  a.send("b:1", "joined");
  net.settle();
  assert.equal(b.received.at(-1), "joined");
});

Deno.test("forged packets and recorded hellos push no proven peer out", () => {
  const { net, a, b } = acquainted();
  const deaths = net.add("z:1");
  for (let i = 0; i < 300; i++) {
    deaths.start();
    b.take(`z:${i}`, deaths.sessions.seal("b:1", bytes("boo")));
    const forged = a.sessions.seal("b:1", bytes("forged"));
    forged[10 + i % 8] ^= 1 + i % 255; // The boot id.
    b.take(`y:${i}`, forged);
    net.flying.length = 0;
  }
  a.send("b:1", "x");
  assert.equal(net.flying[0].datagram.length, PACKET_OVERHEAD_BYTES + 1);
  net.settle();
  assert.deepEqual(b.received, ["x"]);
});

Deno.test("what is not for us is told apart: garbage, another key, another protocol, ourselves, a forgery", () => {
  const { net, a, b } = acquainted();
  const stranger = net.add("s:1", [OTHER_KEYS]);
  const good = a.sessions.seal("b:1", bytes("good"));
  const changed = (at: number, value: number) => {
    const copy = good.slice();
    copy[at] = value;
    return copy;
  };
  const otherKey = b.sessions.open("s:1", stranger.sessions.seal("b:1", bytes("x")));
  assert.ok(otherKey.kind === "rejected" && otherKey.reason === "other_key");
  assert.match(otherKey.detail!, new RegExp(`id ${OTHER_KEYS.idHex}, ours ${KEYS.idHex}.*server\\.cluster\\.key`));
  const newer = changed(3, 7);
  newer[4] = 9;
  const otherProtocol = b.sessions.open("a:1", newer);
  assert.ok(otherProtocol.kind === "rejected" && otherProtocol.reason === "other_protocol");
  assert.match(otherProtocol.detail!, /protocol 7 to 9, this server 1 to 1/);
  assert.equal(refusal(b.sessions.open("a:1", changed(4, 5))), "forged", "ranges meet, but it was not sealed so");
  assert.equal(refusal(b.sessions.open("a:1", changed(5, 9))), "other_protocol");
  assert.equal(refusal(b.sessions.open("a:1", new Uint8Array())), "garbage");
  assert.equal(refusal(b.sessions.open("a:1", bytes("GET / HTTP/1.1\r\n\r\n".repeat(9)))), "garbage");
  assert.equal(refusal(a.sessions.open("a:1", good)), "own");
  assert.equal(refusal(b.sessions.open("a:1", good)), "payload");
});

Deno.test("no bit of a packet can be changed", () => {
  const { a, b } = acquainted();
  const sealed = a.sessions.seal("b:1", bytes("ping"));
  const hello = a.sessions.seal("unknown:1", bytes("ping"));
  for (const packet of [sealed, hello]) {
    for (let bit = 0; bit < packet.length * 8; bit++) {
      const changed = packet.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      assert.notEqual(refusal(b.sessions.open("a:1", changed)), "payload", `bit ${bit}`);
    }
  }
  assert.equal(refusal(b.sessions.open("a:1", sealed)), "payload");
});

Deno.test("open() never throws, whatever comes", () => {
  const { a, b } = acquainted();
  const good = [a.sessions.seal("b:1", bytes("ping")), a.sessions.seal("unknown:1", bytes("ping"))];
  const bits = fc.array(fc.tuple(fc.nat(5000), fc.nat(7)), { maxLength: 4 });
  fc.assert(fc.property(fc.constantFrom(...good), bits, fc.nat(1300), (packet, flips, length) => {
    const changed = packet.slice(0, length);
    for (const [at, bit] of flips) if (changed.length > 0) changed[at % changed.length] ^= 1 << bit;
    b.sessions.open("x:1", changed);
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), (random) => {
    assert.equal(refusal(b.sessions.open("x:1", random)), "garbage");
  }));
});

/** Makes `server` forget whom it knew: more boots prove themselves to it than it remembers. */
function crowdOut(server: Server, net: Net): void {
  const many = net.add("m:1");
  for (let i = 0; i <= net.peersMax; i++) {
    many.start();
    net.nowMs += 10_000;
    many.send(server.address, "hi");
    net.settle();
  }
  server.received.length = 0;
}

Deno.test("one process never uses a nonce twice, also when it forgot whom it had talked to", () => {
  const { net, a, b } = acquainted();
  const counterOf = (packet: Uint8Array) => new DataView(packet.buffer).getUint32(20);
  const first = a.sessions.seal("b:1", bytes("x"));
  crowdOut(a, net);
  a.send("b:1", "do you remember me?");
  net.settle();
  b.send("a:1", "sure");
  net.settle();
  assert.deepEqual([a.received, b.received], [["sure"], ["do you remember me?"]]);
  const second = a.sessions.seal("b:1", bytes("y"));
  assert.equal(second.length, PACKET_OVERHEAD_BYTES + 1);
  assert.ok(counterOf(second) > counterOf(first));
});

Deno.test("what a peer sent before it was forgotten is not taken again after", () => {
  const { net, a, b } = acquainted();
  for (let i = 0; i < 30; i++) {
    a.send("b:1", `old ${i}`);
    net.settle();
  }
  const recorded = net.recorded.filter(({ from }) => from === "a:1");
  assert.equal(recorded.length, 30);
  crowdOut(b, net);
  a.send("b:1", "unreadable, for b has forgotten".padEnd(100));
  net.settle();
  a.send("b:1", "news");
  net.settle();
  assert.deepEqual(b.received, ["news"]);
  for (const { datagram } of recorded) b.take("a:1", datagram);
  assert.deepEqual(b.received, ["news"]);
});
