import { type CancelTimer, type Clock, seededRandom, systemClock } from "../../src/base/mod.ts";
import { hostPortTransport, MemoryNetwork } from "../../src/transport/mod.ts";
import { testTransport } from "./transport_suite.ts";
import { makeCertificate, websocketWorld } from "./websocket_world.ts";

testTransport("hostPortTransport()", () => ({
  async open(handlers, options) {
    const transport = hostPortTransport({ advertiseAddr: "127.0.0.1:0", bindAddr: "127.0.0.1:0", ...options });
    await transport.start(handlers);
    return { transport, address: transport.address, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
  },
  deadAddress: () => `127.0.0.1:${freePort()}`,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));

testTransport("MemoryNetwork", () => {
  const timers = new Set<CancelTimer>();
  // What is still on its way when a test ends stays there.
  const clock: Clock = {
    ...systemClock,
    after(delayMs, run) {
      const cancel = systemClock.after(delayMs, () => {
        timers.delete(cancel);
        run();
      });
      timers.add(cancel);
      return () => {
        timers.delete(cancel);
        cancel();
      };
    },
  };
  const network = new MemoryNetwork({ clock, random: seededRandom(1) });
  let nodes = 0;
  return {
    async open(handlers, { log, clock }) {
      const transport = network.transport(`10.0.0.${++nodes}:3100`, { log, clock });
      await transport.start(handlers);
      return { transport, address: transport.address, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
    },
    deadAddress: () => "10.0.1.1:3100",
    async [Symbol.asyncDispose]() {
      for (const cancel of timers) cancel();
      await Promise.resolve();
    },
  };
});

testTransport("websocketTransport()", () => websocketWorld(undefined));

const certificate = await makeCertificate();
if (certificate) {
  testTransport("websocketTransport() over TLS", () => websocketWorld(certificate));
  testTransport(
    "websocketTransport() over unverified TLS",
    () => websocketWorld(certificate, { caCerts: [], skipVerify: true }),
  );
} else {
  Deno.test.ignore("websocketTransport() over TLS: this machine has no openssl to make certificates", () => {});
}

/** A port that nothing listens on: it was free a moment ago, and the system does not give it out again at once. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
