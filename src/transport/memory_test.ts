import assert from "node:assert/strict";
import { seededRandom } from "../base/mod.ts";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { type FateHook, MemoryNetwork } from "./memory.ts";
import { type Address, DialError, type Stream, type Transport } from "./transport.ts";

const A = "10.0.0.1:3100";
const B = "10.0.0.2:3100";

/** A node that notes everything it hears with the time. */
class Node {
  readonly heard: string[] = [];
  readonly streams: Stream[] = [];

  private constructor(readonly transport: Transport, readonly clock: VirtualClock) {}

  static async at(address: Address, network: MemoryNetwork, clock: VirtualClock): Promise<Node> {
    const node = new Node(network.transport(address), clock);
    await node.transport.start({
      packet: (from, payload) => node.#note(`packet ${payload[0]} from ${from}`),
      accepted: (stream) => {
        stream.proved();
        node.streams.push(stream);
        return node.handlers();
      },
    });
    return node;
  }

  handlers() {
    return {
      data: (chunk: Uint8Array) => this.#note(`data ${chunk.join(" ")}`),
      closed: (reason: string) => this.#note(reason),
    };
  }

  #note(what: string) {
    this.heard.push(`${this.clock.monotonicMs()}: ${what}`);
  }

  /** What was heard since last asked, without the times. */
  take(): string[] {
    return this.heard.splice(0).map((line) => line.replace(/^[^:]*: /, ""));
  }
}

async function twoNodes(fate?: FateHook) {
  const clock = new VirtualClock(0);
  const network = new MemoryNetwork({ clock, random: seededRandom(7) });
  const a = await Node.at(A, network, clock);
  const b = await Node.at(B, network, clock);
  async function dial(): Promise<Stream> {
    const dialled = a.transport.dial(B, a.handlers());
    clock.advance(10);
    return await dialled;
  }
  const stream = await dial();
  if (fate) network.fate = fate;
  return { clock, network, a, b, stream, dial };
}

Deno.test("MemoryNetwork delivers a packet once for each delay of its fate, and loses it without any", async () => {
  const { clock, network, a, b } = await twoNodes();
  network.fate = (_from, _to, _channel, bytes) => ({ delaysMs: bytes === 1 ? [] : [5, 2] });
  a.transport.sendPacket(B, new Uint8Array([1]));
  a.transport.sendPacket(B, new Uint8Array([2, 2]));
  clock.advance(1);
  assert.deepEqual(b.take(), []);
  clock.advance(1);
  assert.equal(b.heard.length, 1);
  clock.advance(3);
  assert.deepEqual(b.take(), [`packet 2 from ${A}`, `packet 2 from ${A}`]);
});

Deno.test("MemoryNetwork lets packets overtake, but keeps a stream's order when segments are lost or slow", async () => {
  const fates = [[50], [], [1], [1]];
  const { clock, a, b, stream } = await twoNodes(() => ({ delaysMs: fates.shift() ?? [1] }));
  for (const byte of [1, 2, 3]) stream.write(new Uint8Array([byte]));
  clock.advance(49);
  assert.deepEqual(b.take(), []);
  clock.advance(1);
  assert.deepEqual(b.take(), ["data 1"]);
  clock.advance(149);
  assert.deepEqual(b.take(), [], "a lost segment waits for its retransmission, and those behind it wait too");
  clock.advance(50);
  assert.deepEqual(b.take(), ["data 2", "data 3"]);
  fates.push([9], [1]);
  a.transport.sendPacket(B, new Uint8Array([1]));
  a.transport.sendPacket(B, new Uint8Array([2]));
  clock.advance(20);
  assert.deepEqual(b.take(), [`packet 2 from ${A}`, `packet 1 from ${A}`]);
});

Deno.test("MemoryNetwork makes a partition silence for streams, which go on when it heals", async () => {
  const { clock, network, a, b, stream } = await twoNodes();
  network.partition([A], [B]);
  stream.write(new Uint8Array([1]));
  stream.write(new Uint8Array([2]));
  a.transport.sendPacket(B, new Uint8Array([9]));
  clock.advance(60_000);
  assert.deepEqual([...a.take(), ...b.take()], []);
  assert.equal(stream.bufferedBytes, 2);
  network.heal();
  clock.advance(6_000);
  assert.deepEqual(b.take(), ["data 1", "data 2"]);
  assert.equal(stream.bufferedBytes, 0);
});

Deno.test("MemoryNetwork severs one way alone when asked to", async () => {
  const { clock, network, a, b } = await twoNodes();
  network.sever(A, B, { oneWay: true });
  a.transport.sendPacket(B, new Uint8Array([1]));
  b.transport.sendPacket(A, new Uint8Array([2]));
  clock.advance(10);
  assert.deepEqual(b.take(), []);
  assert.deepEqual(a.take(), [`packet 2 from ${B}`]);
});

Deno.test("MemoryNetwork closes the streams of a killed process, and refuses dials to it", async () => {
  const { clock, network, a, b } = await twoNodes();
  network.crash(B, "process");
  clock.advance(10);
  assert.deepEqual(a.take(), ["closed by the peer"]);
  const refused = assert.rejects(a.transport.dial(B, a.handlers()), { name: "DialError", message: /refused/ });
  clock.advance(10);
  await refused;
  assert.deepEqual(b.take(), [], "a dead process hears nothing");
});

Deno.test("MemoryNetwork leaves peers of a dead machine in silence until it is back, then resets their streams", async () => {
  const { clock, network, a, b, stream } = await twoNodes();
  network.crash(B, "machine");
  stream.write(new Uint8Array([1]));
  const timedOut = assert.rejects(a.transport.dial(B, a.handlers()), { name: "DialError", message: /within 10 s/ });
  clock.advance(30_000);
  await timedOut;
  assert.deepEqual([...a.take(), ...b.take()], []);
  const reborn = await Node.at(B, network, clock);
  clock.advance(10_000);
  assert.deepEqual(a.take(), ["connection reset by the peer"]);
  assert.deepEqual([...b.take(), ...reborn.take()], []);
});

Deno.test("MemoryNetwork carries a dial through a partition that heals in time", async () => {
  const { clock, network, a, b } = await twoNodes();
  network.partition([A], [B]);
  const dialled = a.transport.dial(B, a.handlers());
  clock.advance(3_000);
  network.heal();
  clock.advance(4_000);
  const stream = await dialled;
  stream.write(new Uint8Array([5]));
  clock.advance(10);
  assert.deepEqual(b.take(), ["data 5"]);
});

Deno.test("MemoryNetwork ends the other side of a dial that timed out half open", async () => {
  const { clock, network, a, b } = await twoNodes();
  network.sever(B, A, { oneWay: true });
  const failed = assert.rejects(a.transport.dial(B, a.handlers()), DialError);
  clock.advance(11_000);
  await failed;
  assert.equal(b.streams.length, 2);
  assert.deepEqual(b.take(), ["closed by the peer"]);
});

Deno.test("MemoryNetwork counts bytes by node and channel", async () => {
  const { clock, network, a, stream } = await twoNodes();
  stream.write(new Uint8Array(100));
  a.transport.sendPacket(B, new Uint8Array(30));
  clock.advance(10);
  assert.equal(network.traffic(A).packet.sentBytes, 30);
  assert.equal(network.traffic(B).packet.receivedBytes, 30);
  assert.equal(network.traffic(A).stream.sentBytes, 100);
  assert.equal(network.traffic(B).stream.receivedBytes, 100);
  assert.equal(network.traffic(B).packet.sentBytes, 0);
});

Deno.test("MemoryNetwork repeats itself to the byte under the same seed", async () => {
  async function run(): Promise<string[]> {
    const dice = seededRandom(3);
    const fate: FateHook = () => ({ delaysMs: dice.float() < 0.3 ? [] : [1 + dice.below(40)] });
    const { clock, a, b, stream } = await twoNodes(fate);
    for (let i = 0; i < 40; i++) {
      stream.write(new Uint8Array([i]));
      a.transport.sendPacket(B, new Uint8Array([i]));
    }
    clock.advance(100_000);
    return b.heard;
  }
  const first = await run();
  assert.ok(first.length > 60);
  assert.deepEqual(first, await run());
});

Deno.test("MemoryNetwork closes a stream whose peer stays away while 32 MiB wait for it", async () => {
  const { clock, network, a, stream } = await twoNodes();
  network.partition([A], [B]);
  for (let i = 0; i < 33; i++) stream.write(new Uint8Array(2 ** 20));
  clock.advance(10);
  assert.equal(a.heard.length, 1);
  assert.match(a.heard[0], /reads too slowly: more than 32 MiB/);
});
