import assert from "node:assert/strict";
import { clusterUrl, formatHostPort, ipFamily, isHostPort, parseHostPort, withoutV4Mapping } from "./address.ts";

Deno.test("parseHostPort() reads names, both families, every interface and SRV names", () => {
  assert.deepEqual(parseHostPort("knot1.internal:3100"), { kind: "host", host: "knot1.internal", port: 3100 });
  assert.deepEqual(parseHostPort("10.0.0.7:0"), { kind: "host", host: "10.0.0.7", port: 0 });
  assert.deepEqual(parseHostPort("[fe80::1%eth0]:3100"), { kind: "host", host: "fe80::1%eth0", port: 3100 });
  assert.deepEqual(parseHostPort(":3100"), { kind: "host", host: "", port: 3100 });
  assert.deepEqual(parseHostPort("*:3100"), { kind: "host", host: "", port: 3100 });
  assert.deepEqual(parseHostPort("srv+_knot._tcp.example.com"), { kind: "srv", name: "_knot._tcp.example.com" });
});

Deno.test("parseHostPort() refuses what is ambiguous, out of range or no address", () => {
  const bad = [
    "",
    "host",
    "host:",
    "host:65536",
    "host:-1",
    "::1:80",
    "[::1]",
    "[host]:80",
    "a b:80",
    "srv+",
    "srv+a b",
  ];
  bad.push("wss://host/", "host:80/path", `${"a".repeat(254)}:80`, "-host:80", "[]:80", "user@host:80");
  for (const address of bad) assert.equal(parseHostPort(address), undefined, address);
});

Deno.test("isHostPort() wants both a host and a port", () => {
  assert.ok(isHostPort("[::1]:3100"));
  for (const address of [":3100", "host:0", "srv+name", "wss://host/"]) assert.ok(!isHostPort(address), address);
});

Deno.test("formatHostPort() puts IPv6 in brackets, and what it writes reads back", () => {
  for (const [host, port] of [["::1", 80], ["10.0.0.1", 3100], ["name", 1]] as const) {
    assert.deepEqual(parseHostPort(formatHostPort(host, port)), { kind: "host", host, port });
  }
});

Deno.test("ipFamily() tells literals from names", () => {
  assert.deepEqual(["1.2.3.4", "::1", "::ffff:1.2.3.4", "1.2.3", "256.1.1.1", "a1"].map(ipFamily), [4, 6, 6, 0, 0, 0]);
});

Deno.test("withoutV4Mapping() gives IPv4 peers of a socket for both families their own address", () => {
  assert.equal(withoutV4Mapping("::ffff:10.0.0.1"), "10.0.0.1");
  assert.equal(withoutV4Mapping("::1"), "::1");
});

Deno.test("clusterUrl() finds /cluster below the path of every kind of URL", () => {
  const found = (address: string) => clusterUrl(address)?.websocket.href;
  assert.equal(found("wss://host/"), "wss://host/cluster");
  assert.equal(found("wss://host"), "wss://host/cluster");
  assert.equal(found("https://host:8443/knot/"), "wss://host:8443/knot/cluster");
  assert.equal(found("HTTP://host"), "ws://host/cluster");
  assert.equal(found("ws://[::1]:3000"), "ws://[::1]:3000/cluster");
  assert.equal(clusterUrl("wss://host:443/")?.http.href, "https://host/cluster");
});

Deno.test("clusterUrl() refuses other schemes, and parts that it has no use for", () => {
  for (
    const address of ["host:3100", "ftp://host/", "wss://", "wss://host/?a=1", "wss://host/#a", "wss://me:pw@host/"]
  ) {
    assert.equal(clusterUrl(address), undefined, address);
  }
});
