import { hostPortTransport } from "../../src/transport/mod.ts";
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
