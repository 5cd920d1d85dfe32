import assert from "node:assert/strict";
import type { HostPort } from "./address.ts";
import { type Resolver, resolveTargets, type ServiceRecord } from "./resolver.ts";

/** A resolver that knows these names alone. */
function knowing(hosts: Record<string, string[]>, services: Record<string, ServiceRecord[]> = {}): Resolver {
  const known = <T>(table: Record<string, T>, name: string) =>
    name in table ? Promise.resolve(table[name]) : Promise.reject(new Error("NXDOMAIN"));
  return { addresses: (host) => known(hosts, host), services: (name) => known(services, name) };
}

const host = (name: string, port = 3100): HostPort => ({ kind: "host", host: name, port });

Deno.test("resolveTargets() takes literals as they are, without asking", async () => {
  assert.deepEqual(await resolveTargets(host("::1"), knowing({})), [{ host: "::1", port: 3100 }]);
});

Deno.test("resolveTargets() lets families take turns, drops doubles and stops at eight", async () => {
  const many = Array.from({ length: 9 }, (_, i) => `10.0.0.${i}`);
  const resolver = knowing({ knot1: ["fd00::1", "fd00::2", "10.0.0.1", "fd00::1"], many });
  const targets = await resolveTargets(host("knot1"), resolver);
  assert.deepEqual(targets.map((target) => target.host), ["fd00::1", "10.0.0.1", "fd00::2"]);
  assert.equal((await resolveTargets(host("many"), resolver)).length, 8);
});

Deno.test("resolveTargets() follows SRV records by priority, then weight, past those that lead nowhere", async () => {
  const record = (target: string, port: number, priority: number, weight: number) => ({
    target,
    port,
    priority,
    weight,
  });
  const resolver = knowing({ a: ["10.0.0.1"], b: ["10.0.0.2"], c: ["10.0.0.3"] }, {
    "_knot._tcp.x": [record("a.", 1, 20, 9), record("b", 2, 10, 1), record("gone.", 9, 10, 5), record("c.", 3, 10, 4)],
  });
  const targets = await resolveTargets({ kind: "srv", name: "_knot._tcp.x" }, resolver);
  assert.deepEqual(targets, [
    { host: "10.0.0.3", port: 3 },
    { host: "10.0.0.2", port: 2 },
    { host: "10.0.0.1", port: 1 },
  ]);
});

Deno.test("resolveTargets() names what could not be resolved", async () => {
  await assert.rejects(resolveTargets(host("nowhere"), knowing({})), /the name "nowhere" cannot be resolved/);
  await assert.rejects(resolveTargets(host("empty"), knowing({ empty: [] })), /"empty" has no address/);
  const lost = knowing({}, { s: [{ target: "gone.", port: 1, priority: 1, weight: 1 }] });
  await assert.rejects(resolveTargets({ kind: "srv", name: "s" }, lost), /no SRV record of "s" leads to an address/);
});
