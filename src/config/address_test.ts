import assert from "node:assert/strict";
import { addressMode, bindProblem, clusterAddressProblem, parseHostPort, urlProblem } from "./address.ts";

Deno.test("parseHostPort() takes names, IPv4, IPv6 in brackets, and no host at all", () => {
  assert.deepEqual(parseHostPort(":3000"), { host: "", port: 3000 });
  assert.deepEqual(parseHostPort("knot1.internal:3100"), { host: "knot1.internal", port: 3100 });
  assert.deepEqual(parseHostPort("knot1.internal.:3100"), { host: "knot1.internal.", port: 3100 });
  assert.deepEqual(parseHostPort("10.0.0.1:1"), { host: "10.0.0.1", port: 1 });
  assert.deepEqual(parseHostPort("[fd00::1]:3100"), { host: "fd00::1", port: 3100 });
});

Deno.test("parseHostPort() refuses what is none", () => {
  const wrong = [
    "",
    "3000",
    "a",
    "a:",
    "a:b",
    "a:-1",
    "::1:3000",
    "[::1]",
    "[x]:1",
    "a b:1",
    "300.1.1.1:1",
    "-a:1",
    "a/b:1",
  ];
  for (const address of wrong) assert.equal(parseHostPort(address), undefined, address);
});

Deno.test("addressMode() goes by the form alone", () => {
  assert.equal(addressMode(""), "off");
  assert.equal(addressMode("knot1:3100"), "host_port");
  assert.equal(addressMode("srv+knot.service.consul"), "host_port");
  for (const url of ["wss://a/", "WSS://a", "https://a", "ws://a", "http://a"]) {
    assert.equal(addressMode(url), "websocket");
  }
});

Deno.test("bindProblem() allows port 0 only where a free port may be taken", () => {
  assert.equal(bindProblem(":0", 0), undefined);
  assert.equal(bindProblem("0.0.0.0:65535", 1), undefined);
  assert.match(bindProblem(":0", 1)!, /port from 1/);
  assert.match(bindProblem(":65536", 0)!, /65535/);
});

Deno.test("clusterAddressProblem() takes what other servers can reach", () => {
  for (
    const address of ["a:1", "[::1]:3100", "srv+knot.service.consul", "wss://a/", "https://a:8443", "ws://[::1]:1/x"]
  ) {
    assert.equal(clusterAddressProblem(address), undefined, address);
  }
  const wrong = [
    "a",
    ":1",
    "a:0",
    "[::]:1",
    "0.0.0.0:1",
    "wss://",
    "wss://0.0.0.0/",
    "wss://a:70000",
    "wss://a/?b",
    "tcp://a:1",
    "srv+",
  ];
  for (const address of wrong) assert.notEqual(clusterAddressProblem(address), undefined, address);
});

Deno.test("urlProblem() refuses other protocols and what a link must not carry", () => {
  const problem = (url: string) => urlProblem(url, ["http:", "https:"]);
  assert.equal(problem("https://knot.example.com"), undefined);
  assert.match(problem("wss://knot.example.com")!, /^start with http:\/\/ or https:\/\//);
  assert.match(problem("https://ann:x@knot.example.com")!, /user/);
  assert.match(problem("https://knot.example.com/#x")!, /end with the path/);
});
