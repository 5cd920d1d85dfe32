import assert from "node:assert/strict";
import { silentLogger, systemClock } from "../base/mod.ts";
import { Acceptor, eventually, Heard } from "../../tests/conformance/transport_suite.ts";
import { looksLikeHttp } from "./foreign.ts";
import { hostPortTransport } from "./host_port.ts";
import type { Resolver } from "./resolver.ts";
import { STRANGERS_PER_ADDRESS_MAX } from "./strangers.ts";

const unknown: Resolver = {
  addresses: () => Promise.reject(new Error("NXDOMAIN")),
  services: () => Promise.reject(new Error("NXDOMAIN")),
};

async function open(acceptor = new Acceptor(), { host = "127.0.0.1", resolver = unknown } = {}) {
  const address = host.includes(":") ? `[${host}]:0` : `${host}:0`;
  const transport = hostPortTransport({
    advertiseAddr: address,
    bindAddr: address,
    clock: systemClock,
    log: silentLogger,
    resolver,
  });
  await transport.start(acceptor);
  return transport;
}

const portOf = (address: string) => Number(/:(\d+)$/.exec(address)![1]);

Deno.test("hostPortTransport() tries every address of a name, for streams and for packets", async () => {
  const acceptor = new Acceptor();
  await using far = await open(acceptor);
  // Nothing listens on the first; the kernel has no IPv6 socket here, so packets to it fail at once.
  const resolver: Resolver = { ...unknown, addresses: () => Promise.resolve(["::1", "127.0.0.1"]) };
  await using near = await open(new Acceptor(), { resolver });
  const name = `knot1.internal:${portOf(far.address)}`;
  await eventually("a packet", () => {
    near.sendPacket(name, Uint8Array.of(1));
    return acceptor.packets.length > 0;
  });
  (await near.dial(name, new Heard())).write(Uint8Array.of(2));
  await eventually("the stream's data", () => acceptor.heard[0]?.bytes === 1);
});

Deno.test("hostPortTransport() sends no datagram over 1,200 bytes, and takes none", async () => {
  const acceptor = new Acceptor();
  await using near = await open(acceptor);
  const raw = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const rawAddress = `127.0.0.1:${(raw.addr as Deno.NetAddr).port}`;
  for (const length of [1_201, 9_000, 1_200, 1, 2]) near.sendPacket(rawAddress, new Uint8Array(length));
  const received = [await raw.receive(), await raw.receive(), await raw.receive()];
  assert.deepEqual(received.map(([payload]) => payload.length), [1_200, 1, 2]);
  const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: portOf(near.address) };
  for (const length of [1_201, 9_000, 0, 7]) await raw.send(new Uint8Array(length), to);
  await eventually("the small one", () => acceptor.packets.length > 0);
  assert.deepEqual(acceptor.packets, [{ from: rawAddress, payload: new Uint8Array(7) }]);
  raw.close();
});

Deno.test("hostPortTransport() finds peers by SRV records", async () => {
  const acceptor = new Acceptor();
  await using far = await open(acceptor);
  const record = { target: "127.0.0.1", port: portOf(far.address), priority: 1, weight: 1 };
  const resolver: Resolver = { ...unknown, services: () => Promise.resolve([record]) };
  await using near = await open(new Acceptor(), { resolver });
  near.sendPacket("srv+_knot._tcp.internal", Uint8Array.of(1));
  await near.dial("srv+_knot._tcp.internal", new Heard());
  await eventually("both", () => acceptor.streams.length === 1 && acceptor.packets.length === 1);
});

Deno.test("hostPortTransport() says when a name cannot be resolved, and when a peer's address is a URL", async () => {
  await using near = await open();
  const nowhere = near.dial("nowhere.internal:3100", new Heard());
  await assert.rejects(nowhere, {
    message: 'Cannot connect to "nowhere.internal:3100": the name "nowhere.internal" cannot be resolved',
    reason: "unresolved",
  });
  const url = near.dial("wss://knot1.internal/", new Heard());
  await assert.rejects(url, { message: /"wss:.*websocket address.*TCP and UDP/, reason: "other_transport" });
});

Deno.test("hostPortTransport() serves IPv6", async () => {
  const acceptor = new Acceptor({ echo: true });
  const far = await open(acceptor, { host: "::1" }).catch(() => undefined);
  if (!far) return; // This machine has no IPv6, not even to itself.
  await using _far = far;
  await using near = await open(new Acceptor(), { host: "::1" });
  assert.match(far.address, /^\[::1\]:\d+$/);
  near.sendPacket(far.address, Uint8Array.of(1));
  const heard = new Heard();
  (await near.dial(far.address, heard)).write(Uint8Array.of(2));
  await eventually("both", () => heard.bytes === 1 && acceptor.packets.length === 1);
  assert.equal(acceptor.packets[0].from, near.address);
});

Deno.test("hostPortTransport() closes the stream of a peer that does not read, at 32 MiB", async () => {
  await using near = await open();
  const mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const heard = new Heard();
  const stream = await near.dial(`127.0.0.1:${(mute.addr as Deno.NetAddr).port}`, heard);
  const conn = await mute.accept();
  for (let i = 0; i < 64 && heard.endings.length === 0; i++) {
    stream.write(new Uint8Array(2 ** 20));
    assert.ok(stream.bufferedBytes <= 32 * 2 ** 20);
    await Promise.resolve();
  }
  assert.match(heard.endings[0], /reads too slowly: more than 32 MiB/);
  assert.equal(stream.bufferedBytes, 0);
  conn.close();
  mute.close();
});

Deno.test("hostPortTransport() takes no more than 64 unproved connections of one address", async () => {
  const acceptor = new Acceptor({ prove: false });
  await using far = await open(acceptor);
  const conns: Deno.TcpConn[] = [];
  for (let i = 0; i <= STRANGERS_PER_ADDRESS_MAX; i++) {
    conns.push(await Deno.connect({ hostname: "127.0.0.1", port: portOf(far.address) }));
  }
  const refused = await conns.at(-1)!.read(new Uint8Array(1)).catch(() => null);
  assert.equal(refused, null);
  assert.equal(acceptor.streams.length, STRANGERS_PER_ADDRESS_MAX);
  acceptor.streams[0].proved();
  conns.push(await Deno.connect({ hostname: "127.0.0.1", port: portOf(far.address) }));
  await eventually("one more", () => acceptor.streams.length === STRANGERS_PER_ADDRESS_MAX + 1);
  for (const conn of conns) conn.close();
});

Deno.test("hostPortTransport() hands on what a web client sends, recognisable as such", async () => {
  const acceptor = new Acceptor({ prove: false });
  await using far = await open(acceptor);
  const request = fetch(`http://${far.address}/cluster`).catch(() => undefined);
  await eventually("the request", () => acceptor.heard[0]?.bytes > 0);
  assert.ok(looksLikeHttp(acceptor.heard[0].joined));
  acceptor.streams[0].close();
  await request;
});

Deno.test("hostPortTransport() ends a dial under way when it is disposed of", async () => {
  const resolver: Resolver = { ...unknown, addresses: () => new Promise(() => {}) };
  const near = await open(new Acceptor(), { resolver });
  const dial = assert.rejects(near.dial("knot1.internal:3100", new Heard()), { reason: "stopped" });
  await near[Symbol.asyncDispose]();
  await dial;
});

Deno.test("hostPortTransport() says which address is taken", async () => {
  await using first = await open();
  const second = hostPortTransport({
    advertiseAddr: first.address,
    bindAddr: first.address,
    clock: systemClock,
    log: silentLogger,
  });
  await assert.rejects(second.start(new Acceptor()), { message: new RegExp(`"${first.address}": another program`) });
  await second[Symbol.asyncDispose]();
});
