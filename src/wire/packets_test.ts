import assert from "node:assert/strict";
import { encodeEnvelope } from "./codec.ts";
import type { KeyRing } from "./keys.ts";
import { HELLO_BYTES, PACKET_OVERHEAD_BYTES, PACKET_PAYLOAD_BYTES_MAX } from "./packet_boxes.ts";
import { PACKET_BYTES_MAX } from "./packet_header.ts";
import { acquainted, bytes, KEYS, Net, OTHER_KEYS } from "./packets_fixture.ts";

Deno.test("the first payload to a stranger arrives, after one round trip more", () => {
  const net = new Net();
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  a.send("b:1", "ping");
  net.settle();
  assert.deepEqual(b.received, ["ping"]);
  assert.equal(net.recorded.length, 3, "hello, its answer, the answer to that");
  b.send("a:1", "ack");
  net.settle();
  assert.deepEqual(a.received, ["ack"]);
  assert.equal(net.recorded.at(-1)!.datagram.length, "ack".length + PACKET_OVERHEAD_BYTES, "sealed at once");
});

Deno.test("a payload is given out with the boot that sent it", () => {
  const { net, a, b } = acquainted();
  const opened = b.sessions.open("a:1", a.sessions.seal("b:1", bytes("x")));
  assert.ok(opened.kind === "payload");
  assert.equal(opened.bootId, a.bootId);
  assert.equal(net.flying.length, 0);
});

Deno.test("between two who know each other a packet costs at most 44 bytes", () => {
  const { a } = acquainted();
  assert.equal(PACKET_OVERHEAD_BYTES, 44);
  assert.equal(a.sessions.seal("b:1", new Uint8Array(100)).length, 144);
});

Deno.test("the largest payload fits a packet, known peer or not", () => {
  const payload = new Uint8Array(PACKET_PAYLOAD_BYTES_MAX);
  const { a } = acquainted();
  assert.ok(a.sessions.seal("b:1", payload).length <= PACKET_BYTES_MAX);
  assert.equal(a.sessions.seal("stranger:1", payload).length, PACKET_BYTES_MAX);
  assert.throws(() => a.sessions.seal("b:1", new Uint8Array(PACKET_PAYLOAD_BYTES_MAX + 1)), /Cannot seal packet/);
});

Deno.test("a payload that was held too long is not given out", () => {
  const net = new Net();
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  a.send("b:1", "old news");
  const [hello] = net.flying.splice(0);
  b.take("a:1", hello.datagram);
  net.nowMs += 6_000;
  net.settle();
  assert.deepEqual(b.received, []);
  a.send("b:1", "news");
  net.settle();
  assert.deepEqual(b.received, ["news"]);
});

Deno.test("two that greet each other at once both get what the other said", () => {
  for (let seed = 0; seed < 50; seed++) {
    const net = new Net(seed);
    net.reorders = true;
    const [a, b] = [net.add("a:1"), net.add("b:1")];
    a.send("b:1", "from a");
    b.send("a:1", "from b");
    net.settle();
    assert.deepEqual([a.received, b.received], [["from b"], ["from a"]], `seed ${seed}`);
  }
});

Deno.test("after a restart of one, the next packet of either arrives without loss", () => {
  const { net, a, b } = acquainted();
  b.start();
  b.send("a:1", "I am back");
  net.settle();
  assert.deepEqual(a.received, ["I am back"]);
  a.send("b:1", "so you are");
  net.settle();
  assert.deepEqual(b.received, ["so you are"]);
});

Deno.test("one that was restarted asks who it is that sends, and the packet after that arrives", () => {
  const { net, a, b } = acquainted();
  b.start();
  a.send("b:1", "lost: ".padEnd(100, "."));
  net.settle();
  assert.deepEqual(b.received, []);
  a.send("b:1", "found");
  net.settle();
  b.send("a:1", "heard");
  net.settle();
  assert.deepEqual([a.received, b.received], [["heard"], ["found"]]);
});

Deno.test("a peer that is called by name is found again after its restart", () => {
  const net = new Net();
  const [a, b] = [net.add("10.0.0.1:1"), net.add("10.0.0.2:1")];
  net.names.set("b.internal:1", "10.0.0.2:1");
  const say = (words: string) => {
    a.send("b.internal:1", words.padEnd(100));
    net.settle();
    return b.received.splice(0).map((one) => one.trim());
  };
  assert.deepEqual(say("hello"), ["hello"]);
  assert.deepEqual(say("again"), ["again"]);
  b.send("10.0.0.1:1", "ack");
  net.settle();
  assert.equal(a.sessions.seal("b.internal:1", bytes("x")).length, PACKET_OVERHEAD_BYTES + 1, "known by name");
  b.start();
  assert.deepEqual(say("lost"), []);
  assert.deepEqual(say("found"), ["found"]);
  b.start();
  b.send("10.0.0.1:1", "back");
  net.settle();
  assert.deepEqual(say("after it greeted"), ["after it greeted"]);
});

Deno.test("a peer that comes back at another address under the same name is found again", () => {
  const net = new Net();
  const [a, b] = [net.add("10.0.0.1:1"), net.add("10.0.0.2:1")];
  net.names.set("b.internal:1", b.address);
  const say = (words: string) => {
    a.send("b.internal:1", words.padEnd(100));
    net.settle();
  };
  say("hello");
  b.send(a.address, "ack");
  net.settle();
  const moved = net.add("10.0.0.9:1");
  net.names.set("b.internal:1", moved.address);
  say("lost");
  say("found");
  assert.deepEqual(moved.received.map((words) => words.trim()), ["found"]);
});

Deno.test("a half-finished greeting is no trap when the peer comes back at another address", () => {
  const net = new Net();
  const [a, b] = [net.add("10.0.0.1:1"), net.add("10.0.0.2:1")];
  net.names.set("b.internal:1", b.address);
  a.send("b.internal:1", "first");
  net.deliverOne();
  net.deliverOne();
  net.flying.length = 0; // a knows b, b does not know a.
  const moved = net.add("10.0.0.9:1");
  net.names.set("b.internal:1", moved.address);
  for (const words of ["meant for the one before", "found"]) {
    a.send("b.internal:1", words);
    net.settle();
  }
  assert.deepEqual(moved.received, ["found"]);
});

Deno.test("one that only sends gets to the short form too", () => {
  const net = new Net();
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  for (const words of ["one", "two"]) {
    a.send("b:1", words);
    net.settle();
  }
  assert.equal(a.sessions.seal("b:1", bytes("three")).length, PACKET_OVERHEAD_BYTES + 5);
  assert.deepEqual(b.received, ["one", "two"]);
});

Deno.test("a greeting meant for who was there before is not delivered, and does not repeat for ever", () => {
  const net = new Net();
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  net.names.set("b", "b:1");
  a.send("b", "first");
  // The third packet of the greeting is lost: a knows b, b does not know a.
  net.deliverOne();
  net.deliverOne();
  net.flying.length = 0;
  b.start();
  a.send("b", "for the one before");
  net.settle();
  assert.deepEqual(b.received, []);
  a.send("b", "for the new one");
  net.settle();
  assert.deepEqual(b.received, ["for the new one"]);
});

Deno.test("restarts of both, loss and reordering heal by themselves, and nothing comes twice", () => {
  for (let seed = 0; seed < 60; seed++) {
    const net = new Net(seed);
    const servers = [net.add("a:1"), net.add("b:1"), net.add("c:1")];
    const sent = new Set<string>();
    net.reorders = true;
    const sayAll = (round: string) => {
      for (const from of servers) {
        for (const to of servers) {
          if (from === to) continue;
          const words = `${round} ${from.address}>${to.address}`.padEnd(80, ".");
          sent.add(words);
          from.send(to.address, words);
        }
      }
    };
    for (let round = 0; round < 12; round++) {
      net.nowMs += 1000;
      net.loss = round < 8 ? 0.3 : 0;
      if (round < 8 && net.random.below(3) === 0) servers[net.random.below(3)].start();
      sayAll(`round ${round}`);
      net.settle();
    }
    for (const server of servers) {
      assert.equal(new Set(server.received).size, server.received.length, `seed ${seed}: something came twice`);
      for (const words of server.received) assert.ok(sent.has(words) && words.includes(`>${server.address}`));
      const last = server.received.filter((words) => words.startsWith("round 11"));
      assert.equal(last.length, 2, `seed ${seed}: ${server.address} heard all of the last round`);
    }
  }
});

Deno.test("a greeting whose last packet got lost is taken up again, however late", () => {
  for (const laterMs of [0, 1_000, 60_000]) {
    const net = new Net();
    const [a, b] = [net.add("a:1"), net.add("b:1")];
    a.send("b:1", "first");
    net.deliverOne();
    net.deliverOne();
    net.flying.length = 0;
    net.nowMs += laterMs;
    a.send("b:1", "second");
    net.settle();
    assert.deepEqual(b.received, laterMs > 5_000 ? ["second"] : ["first", "second"], `${laterMs} ms later`);
  }
});

Deno.test("the shortest ping is long enough to be answered by a server that lost its memory", () => {
  const id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const none = "0".repeat(16);
  const status = { incarnation: 0, membersFingerprint: "00112233445566ff", roots: [], recordCount: 0 };
  const message = {
    kind: "ping",
    sequence: 0,
    target: id,
    updates: [],
    status: { ...status, wallMs: 1.78e12, floor: none, horizon: none, agreedSet: "", agreedAt: none },
  } as const;
  const envelope = encodeEnvelope({ from: id, message: { ...message, updates: [] } });
  assert.ok(envelope.length + PACKET_OVERHEAD_BYTES >= HELLO_BYTES);
});

Deno.test("fifty servers that start at once all hear from each other", () => {
  const net = new Net();
  net.reorders = true;
  const servers = Array.from({ length: 50 }, (_, at) => net.add(`s${at}:1`));
  for (const from of servers) for (const to of servers) if (from !== to) from.send(to.address, from.address);
  net.settle(50 * 50 * 10);
  for (const { received } of servers) assert.equal(new Set(received).size, 49);
});

Deno.test("a key is changed without a gap: accept the new one, send with it, drop the old one", () => {
  const net = new Net();
  const stages: KeyRing[] = [[KEYS], [KEYS, OTHER_KEYS], [OTHER_KEYS, KEYS], [OTHER_KEYS]];
  for (let stage = 0; stage + 1 < stages.length; stage++) {
    const [a, b] = [net.add(`a:${stage}`, stages[stage]), net.add(`b:${stage}`, stages[stage + 1])];
    a.send(b.address, "to the one ahead");
    net.settle();
    b.send(a.address, "to the one behind");
    net.settle();
    assert.deepEqual([a.received, b.received], [["to the one behind"], ["to the one ahead"]]);
  }
});
