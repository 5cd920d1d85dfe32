import assert from "node:assert/strict";
import fc from "fast-check";
import { type Entropy, type Random, seededRandom } from "../base/mod.ts";
import { encodeEnvelope } from "./codec.ts";
import { deriveKeys, type KeyRing } from "./keys.ts";
import { HELLO_BYTES, PACKET_OVERHEAD_BYTES, PACKET_PAYLOAD_BYTES_MAX } from "./packet_boxes.ts";
import { PACKET_BYTES_MAX } from "./packet_header.ts";
import { type OpenedPacket, PacketSessions } from "./packets.ts";
import { REPLAY_WINDOW_PACKETS } from "./replay_window.ts";

const KEYS = deriveKeys("NDJuIFxrRbWLp6tKhVzyqNs5H5fCK1Cl");
const OTHER_KEYS = deriveKeys("another key of thirty-two letters");

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (words: string) => new TextEncoder().encode(words);

/** Reproducible stand-in for the secure source. */
function entropyFrom(random: Random): Entropy {
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

/** One process at one address, with all that it received. */
class Server {
  readonly received: string[] = [];
  readonly refused: string[] = [];
  sessions!: PacketSessions;
  bootId!: string;

  constructor(readonly address: string, readonly net: Net, readonly keys: KeyRing) {
    this.start();
  }

  /** Starts anew: what the process before it knew is gone. */
  start(): void {
    const entropy = entropyFrom(this.net.random);
    this.bootId = Array.from(entropy(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const now = () => this.net.nowMs;
    const { keys, bootId } = this;
    this.sessions = new PacketSessions({ keys, bootId, entropy, now, peersMax: this.net.peersMax });
  }

  send(to: string, words: string): void {
    this.net.send(this.address, to, this.sessions.seal(to, bytes(words)));
  }

  take(from: string, datagram: Uint8Array): OpenedPacket {
    const opened = this.sessions.open(from, datagram);
    if (opened.kind === "rejected") this.refused.push(opened.reason);
    else for (const reply of opened.datagrams) this.net.send(this.address, from, reply);
    if (opened.kind === "payload") this.received.push(...opened.payloads.map(text));
    return opened;
  }
}

interface Flight {
  from: string;
  to: string;
  datagram: Uint8Array;
}

/** Datagrams between servers, in virtual time; `names` stand for addresses, as in a resolver. */
class Net {
  nowMs = 0;
  readonly random: Random;
  readonly servers = new Map<string, Server>();
  readonly names = new Map<string, string>();
  readonly recorded: Flight[] = [];
  flying: Flight[] = [];
  peersMax = 100;
  loss = 0;
  reorders = false;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  add(address: string, keys: KeyRing = [KEYS]): Server {
    const server = new Server(address, this, keys);
    this.servers.set(address, server);
    return server;
  }

  send(from: string, to: string, datagram: Uint8Array): void {
    assert.ok(datagram.length <= PACKET_BYTES_MAX);
    const flight = { from, to: this.names.get(to) ?? to, datagram };
    this.recorded.push(flight);
    if (this.random.float() >= this.loss) this.flying.push(flight);
  }

  /** Delivers until nothing flies; a conversation that never ends fails. */
  settle(stepsMax = 1000): void {
    for (let steps = 0; this.flying.length > 0; steps++) {
      assert.ok(steps < stepsMax, "packets go back and forth for ever");
      this.deliverOne();
    }
  }

  deliverOne(): void {
    const next = this.reorders ? this.random.below(this.flying.length) : 0;
    const [{ from, to, datagram }] = this.flying.splice(next, 1);
    this.servers.get(to)?.take(from, datagram);
  }
}

/** Two servers that know each other. */
function acquainted(seed = 1) {
  const net = new Net(seed);
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  a.send("b:1", "ping");
  net.settle();
  b.send("a:1", "ack");
  net.settle();
  assert.deepEqual([a.received.splice(0), b.received.splice(0)], [["ack"], ["ping"]]);
  net.recorded.length = 0;
  return { net, a, b };
}

function refusal(opened: OpenedPacket): string {
  return opened.kind === "rejected" ? opened.reason : opened.kind;
}

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

Deno.test("a recording does not take the place of a newer payload that is held", () => {
  const net = new Net();
  const [a, b] = [net.add("a:1"), net.add("b:1")];
  a.send("b:1", "older");
  a.send("b:1", "newer");
  const [older, newer] = net.flying.splice(0);
  b.take("a:1", newer.datagram);
  b.take("a:1", older.datagram);
  net.settle();
  assert.deepEqual(b.received, ["newer"]);
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
  const status = { incarnation: 0, membersFingerprint: "00112233445566ff", roots: [], recordCount: 0 };
  const message = {
    kind: "ping",
    sequence: 0,
    target: id,
    updates: [],
    status: { ...status, wallMs: 1.78e12 },
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
