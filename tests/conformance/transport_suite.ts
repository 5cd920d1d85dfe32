import assert from "node:assert/strict";
import { type Clock, type Logger, silentLogger, systemClock } from "../../src/base/mod.ts";
import {
  type Address,
  DialError,
  PROOF_TIMEOUT_MS,
  type Stream,
  type StreamHandlers,
  type Transport,
  type TransportHandlers,
} from "../../src/transport/mod.ts";

/** One end under test, started. */
export interface End extends AsyncDisposable {
  readonly transport: Transport;
  /** Where the other ends reach it. */
  readonly address: Address;
}

/** How the suite gets its ends. One world serves one test. */
export interface TransportWorld extends AsyncDisposable {
  open(handlers: TransportHandlers, options: { readonly clock: Clock; readonly log: Logger }): Promise<End>;
  /** An address on which nothing listens. */
  deadAddress(): Address;
}

/** How long a condition may take, in ms: generous, since the machine may be busy; a passing test never waits for it. */
const PATIENCE_MS = 8_000;
const MEBIBYTE = 2 ** 20;

/** Resolves when `condition` holds. @throws when it does not within the suite's patience, naming `what` */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Still waiting for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Remembers what a stream's owner heard. */
export class Heard implements StreamHandlers {
  readonly chunks: Uint8Array[] = [];
  readonly endings: string[] = [];
  bytes = 0;
  dataAfterEnd = false;

  data(chunk: Uint8Array): void {
    this.dataAfterEnd ||= this.endings.length > 0;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
  }

  closed(reason: string): void {
    this.endings.push(reason);
  }

  get joined(): Uint8Array {
    const joined = new Uint8Array(this.bytes);
    let at = 0;
    for (const chunk of this.chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    return joined;
  }
}

/** An owner that takes every stream, and writes back what it hears when `echo` is set. */
export class Acceptor implements TransportHandlers {
  readonly streams: Stream[] = [];
  readonly heard: Heard[] = [];
  readonly packets: Array<{ from: Address; payload: Uint8Array }> = [];
  readonly #echo: boolean;
  readonly #prove: boolean;

  constructor({ echo = false, prove = true } = {}) {
    this.#echo = echo;
    this.#prove = prove;
  }

  packet(from: Address, payload: Uint8Array): void {
    this.packets.push({ from, payload });
  }

  accepted(stream: Stream): StreamHandlers {
    const heard = new Heard();
    this.streams.push(stream);
    this.heard.push(heard);
    if (this.#prove) stream.proved();
    const data = (chunk: Uint8Array) => {
      heard.data(chunk);
      if (this.#echo) stream.write(chunk);
    };
    return { data, closed: (reason) => heard.closed(reason) };
  }
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

/** Registers the tests that every transport must pass. */
export function testTransport(name: string, createWorld: () => Promise<TransportWorld> | TransportWorld): void {
  const options = { clock: systemClock, log: silentLogger };

  function test(behaviour: string, body: (world: TransportWorld) => Promise<void>) {
    Deno.test(`${name} ${behaviour}`, async () => {
      await using world = await createWorld();
      await body(world);
    });
  }

  test("carries bytes there and back", async (world) => {
    await using far = await world.open(new Acceptor({ echo: true }), options);
    await using near = await world.open(new Acceptor(), options);
    const heard = new Heard();
    const stream = await near.transport.dial(far.address, heard);
    stream.write(new TextEncoder().encode("hello"));
    await eventually("the echo", () => heard.bytes === 5);
    assert.equal(new TextDecoder().decode(heard.joined), "hello");
    assert.equal(stream.bufferedBytes, 0);
  });

  test("keeps the order of many small writes in both directions at once", async (world) => {
    const acceptor = new Acceptor();
    await using far = await world.open(acceptor, options);
    await using near = await world.open(new Acceptor(), options);
    const heard = new Heard();
    const stream = await near.transport.dial(far.address, heard);
    await eventually("the accepted stream", () => acceptor.streams.length === 1);
    assert.match(acceptor.streams[0].remote, /^[^/]+:\d+$/);
    assert.match(stream.remote, /^[^/]+:\d+$/);
    const sent = pattern(4_000);
    for (let i = 0; i < sent.length; i++) {
      stream.write(sent.slice(i, i + 1));
      acceptor.streams[0].write(sent.slice(i, i + 1));
      if (i % 500 === 0) await Promise.resolve();
    }
    await eventually("all bytes", () => heard.bytes === sent.length && acceptor.heard[0].bytes === sent.length);
    assert.deepEqual(heard.joined, sent);
    assert.deepEqual(acceptor.heard[0].joined, sent);
  });

  test("carries one chunk of 5 MiB, and what is written right before close", async (world) => {
    const acceptor = new Acceptor();
    await using far = await world.open(acceptor, options);
    await using near = await world.open(new Acceptor(), options);
    const heard = new Heard();
    const stream = await near.transport.dial(far.address, heard);
    const sent = pattern(5 * MEBIBYTE);
    stream.write(sent);
    assert.equal(stream.bufferedBytes, sent.length);
    stream.close();
    stream.write(new Uint8Array(9));
    await eventually("the end", () => acceptor.heard[0]?.endings.length === 1);
    assert.equal(Buffer.compare(acceptor.heard[0].joined, sent), 0, "what arrived differs from what was sent");
  });

  test("delivers what was written before close also while the peer goes on sending", async (world) => {
    const acceptor = new Acceptor();
    await using far = await world.open(acceptor, options);
    await using near = await world.open(new Acceptor(), options);
    const stream = await near.transport.dial(far.address, new Heard());
    await eventually("the accepted stream", () => acceptor.streams.length === 1);
    acceptor.streams[0].write(new Uint8Array(3 * MEBIBYTE));
    stream.write(new Uint8Array(MEBIBYTE));
    stream.close();
    await eventually("the end", () => acceptor.heard[0].endings.length === 1);
    assert.equal(acceptor.heard[0].bytes, MEBIBYTE);
  });

  test("tells both ends once that a stream was closed, whoever closes and however often", async (world) => {
    const acceptor = new Acceptor();
    await using far = await world.open(acceptor, options);
    await using near = await world.open(new Acceptor(), options);
    const [first, second] = [new Heard(), new Heard()];
    const dialled = await near.transport.dial(far.address, first);
    await near.transport.dial(far.address, second);
    await eventually("two streams", () => acceptor.streams.length === 2);
    dialled.close();
    assert.deepEqual(first.endings, [], "closed() must not be called from inside close()");
    dialled.close();
    await eventually("both to hear of it", () => first.endings.length === 1 && acceptor.heard[0].endings.length === 1);
    acceptor.streams[0].close();
    acceptor.streams[1].close();
    await eventually("the dialler to hear of it", () => second.endings.length === 1);
    await far[Symbol.asyncDispose]();
    await near[Symbol.asyncDispose]();
    const all = [first, second, ...acceptor.heard];
    assert.deepEqual(all.map((heard) => heard.endings.length), [1, 1, 1, 1]);
    assert.ok(all.every((heard) => !heard.dataAfterEnd));
  });

  test("refuses to dial a dead port with an error that names the address", async (world) => {
    await using near = await world.open(new Acceptor(), options);
    const dead = world.deadAddress();
    await assert.rejects(near.transport.dial(dead, new Heard()), (error) => {
      assert.ok(error instanceof DialError);
      assert.ok(error.message.includes(dead), error.message);
      assert.equal(error.reason, "unreachable");
      return true;
    });
  });

  test("refuses to dial what is no address at all", async (world) => {
    await using near = await world.open(new Acceptor(), options);
    for (const address of ["", "host", "host:99999", "ftp://host/", ":3100", "wss://", "a b:1", "[::1:80"]) {
      await assert.rejects(near.transport.dial(address, new Heard()), DialError, address);
      near.transport.sendPacket(address, new Uint8Array(1));
    }
  });

  test("ends all streams on disposal, its own and the peers', and dials no more", async (world) => {
    const acceptor = new Acceptor();
    await using far = await world.open(acceptor, options);
    const near = await world.open(new Acceptor(), options);
    const heard = new Heard();
    const stream = await near.transport.dial(far.address, heard);
    await eventually("the accepted stream", () => acceptor.streams.length === 1);
    await near[Symbol.asyncDispose]();
    await near[Symbol.asyncDispose]();
    assert.equal(heard.endings.length, 1);
    stream.write(new Uint8Array(1));
    near.transport.sendPacket(far.address, new Uint8Array(1));
    await eventually("the peer to hear of it", () => acceptor.heard[0].endings.length === 1);
    await assert.rejects(near.transport.dial(far.address, new Heard()), DialError);
  });

  test("closes an accepted stream that is not proved in time, and leaves a proved one alone", async (world) => {
    const hurried: Clock = { ...systemClock, after: (delayMs, run) => systemClock.after(delayMs / 20, run) };
    const strict = new Acceptor({ prove: false });
    await using far = await world.open(strict, { clock: hurried, log: silentLogger });
    await using near = await world.open(new Acceptor(), options);
    const [proved, unproved] = [new Heard(), new Heard()];
    await near.transport.dial(far.address, proved);
    await eventually("the first stream", () => strict.streams.length === 1);
    strict.streams[0].proved();
    await near.transport.dial(far.address, unproved);
    await eventually(
      "the unproved stream to end",
      () => unproved.endings.length === 1 && strict.heard[1].endings.length === 1,
    );
    assert.match(strict.heard[1].endings[0], new RegExp(`prove.*${PROOF_TIMEOUT_MS / 1_000} s`));
    assert.deepEqual(proved.endings, []);
  });

  test("contains what its owner's handlers throw", async (world) => {
    const errors: unknown[] = [];
    const log: Logger = { ...silentLogger, error: (_, fields) => errors.push(fields?.callback) };
    let accepted = 0;
    const broken: TransportHandlers = {
      packet() {
        throw new Error("broken packet handler");
      },
      accepted() {
        if (++accepted === 1) throw new Error("broken accept handler");
        return {
          data() {
            throw new Error("broken data handler");
          },
          closed() {
            throw new Error("broken closed handler");
          },
        };
      },
    };
    await using far = await world.open(broken, { clock: systemClock, log });
    await using near = await world.open(new Acceptor(), options);
    if (near.transport.packetBytesMax > 0) {
      near.transport.sendPacket(far.address, new Uint8Array(1));
      await eventually("the packet handler's failure", () => errors.includes("packet"));
    }
    const [first, second] = [new Heard(), new Heard()];
    await near.transport.dial(far.address, first);
    await eventually("the unaccepted stream to end", () => first.endings.length === 1);
    (await near.transport.dial(far.address, second)).write(new Uint8Array(1));
    await eventually("the failed stream to end", () => second.endings.length === 1);
    await eventually("both failures in the log", () => errors.includes("data") && errors.includes("closed"));
    assert.ok(errors.includes("accepted"));
  });

  test("carries packets up to its limit and drops larger ones cleanly", async (world) => {
    const acceptor = new Acceptor();
    await using far = await world.open(acceptor, options);
    await using near = await world.open(new Acceptor(), options);
    const limit = near.transport.packetBytesMax;
    near.transport.sendPacket(far.address, new Uint8Array(limit + 1));
    near.transport.sendPacket(far.address, new Uint8Array(70_000));
    if (limit === 0) return;
    near.transport.sendPacket(far.address, pattern(limit));
    await eventually("the packet", () => acceptor.packets.length > 0);
    assert.deepEqual(acceptor.packets.map(({ payload }) => payload), [pattern(limit)]);
    far.transport.sendPacket(acceptor.packets[0].from, new Uint8Array(3));
    near.transport.sendPacket(world.deadAddress(), new Uint8Array(3));
    near.transport.sendPacket(far.address, pattern(2));
    await eventually("a packet after one to a dead port", () => acceptor.packets.length === 2);
  });

  test("sends on disposal the packets that it was given before", async (world) => {
    const acceptor = new Acceptor();
    await using far = await world.open(acceptor, options);
    const near = await world.open(new Acceptor(), options);
    for (let i = 0; i < 20; i++) near.transport.sendPacket(far.address, Uint8Array.of(i));
    await near[Symbol.asyncDispose]();
    if (near.transport.packetBytesMax === 0) return;
    await eventually("all of them", () => acceptor.packets.length === 20);
  });
}
