import assert from "node:assert/strict";
import { bindPlan, bindSockets } from "./bind.ts";

function close({ listeners, datagrams }: ReturnType<typeof bindSockets>) {
  for (const socket of [...listeners, ...datagrams]) socket.close();
}

Deno.test("bindPlan() takes every interface and the advertised port when bind_addr is empty", () => {
  const everywhere = { hosts: ["::", "0.0.0.0"], port: 3100 };
  assert.deepEqual(bindPlan({ advertiseAddr: "knot1:3100", bindAddr: "" }), everywhere);
  assert.deepEqual(bindPlan({ advertiseAddr: "knot1:9", bindAddr: ":3100" }), everywhere);
  const one = { hosts: ["10.0.0.7"], port: 3101 };
  assert.deepEqual(bindPlan({ advertiseAddr: "srv+knot", bindAddr: "10.0.0.7:3101" }), one);
});

Deno.test("bindPlan() names the key to set when nothing tells the port", () => {
  assert.throws(() => bindPlan({ advertiseAddr: "srv+knot", bindAddr: "" }), /set server\.cluster\.bind_addr/);
  assert.throws(
    () => bindPlan({ advertiseAddr: "a:1", bindAddr: "nonsense" }),
    /"nonsense": server\.cluster\.bind_addr/,
  );
});

Deno.test("bindSockets() gives TCP and UDP the same free port", () => {
  const bound = bindSockets({ hosts: ["127.0.0.1"], port: 0 });
  const ports = [...bound.listeners, ...bound.datagrams].map((socket) => (socket.addr as Deno.NetAddr).port);
  close(bound);
  assert.deepEqual(ports, [bound.port, bound.port]);
  assert.notEqual(bound.port, 0);
});

Deno.test("bindSockets() says that a port is taken, whichever protocol took it, and leaves nothing open", () => {
  const udp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = udp.addr as Deno.NetAddr;
  assert.throws(() => bindSockets({ hosts: ["127.0.0.1"], port }), {
    message:
      `Cannot listen on "127.0.0.1:${port}": another program uses this port (TCP or UDP); stop it, or set server.cluster.bind_addr to another one`,
  });
  udp.close();
  close(bindSockets({ hosts: ["127.0.0.1"], port }));
});

Deno.test("bindSockets() is content with one of several hosts, and names the first when it gets none", () => {
  const bound = bindSockets({ hosts: ["198.51.100.1", "127.0.0.1"], port: 0 });
  assert.equal(bound.listeners.length, 1);
  close(bound);
  assert.throws(
    () => bindSockets({ hosts: ["198.51.100.1"], port: 0 }),
    /"198\.51\.100\.1:0": this machine does not have/,
  );
});
