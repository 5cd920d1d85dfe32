import assert from "node:assert/strict";
import fc from "fast-check";
import { CLUSTER_KEY, loadWith, problemsOf, warningsOf } from "./sources_fixture.ts";

/** One mistake each, and the one line that it must bring. */
const MISTAKES: ReadonlyArray<{ name: string; toml: string; line: RegExp }> = [
  { name: "syntax", toml: "[server]\nlisten = :3000\n", line: /^knot\.toml:2:10: not valid TOML: invalid value/ },
  { name: "unclosed section", toml: "[server\nzone = 'au'\n", line: /^knot\.toml:1:8: not valid TOML/ },
  {
    name: "unknown key",
    toml: "[server]\nzones = 'au'\n",
    line: /^knot\.toml:2: unknown key "server\.zones": did you mean "zone"\?$/,
  },
  {
    name: "unknown key of the cluster",
    toml: "[server.cluster]\nadvertise_address = 'a:1'\n",
    line: /^knot\.toml:2: unknown key "server\.cluster\.advertise_address": did you mean "advertise_addr"\?$/,
  },
  {
    name: "key outside its section",
    toml: "zone = 'au'\n",
    line: /^knot\.toml:1: unknown key "zone": did you mean "server\.zone"\?$/,
  },
  {
    name: "key in another section",
    toml: "[server]\nadvertise_addr = 'a:1'\n",
    line: /^knot\.toml:2: unknown key "server\.advertise_addr": did you mean "server\.cluster\.advertise_addr"\?$/,
  },
  {
    name: "unknown section",
    toml: "[server.clustre]\nkey = 'x'\n",
    line: /^knot\.toml:1: unknown section "server\.clustre": did you mean "cluster"\?$/,
  },
  { name: "key like no other", toml: "[server]\nxyzzy = 1\n", line: /^knot\.toml:2: unknown key "server\.xyzzy"$/ },
  {
    name: "section as a value",
    toml: "[server]\ncluster = 'a:1'\n",
    line: /^knot\.toml:2: server\.cluster must be a section, as in \[server\.cluster\], not "a:1"$/,
  },
  {
    name: "value as a section",
    toml: "[server.zone]\nx = 1\n",
    line: /^knot\.toml:1: server\.zone must be text in quotes, not a section$/,
  },
  {
    name: "number for text",
    toml: "[server]\nlisten = 3000\n",
    line: /^knot\.toml:2: server\.listen must be text in quotes, not 3000$/,
  },
  {
    name: "text for a number",
    toml: "[server]\naudit_retention = '90'\n",
    line: /^knot\.toml:2: server\.audit_retention must be a whole number of days .*, not the text "90"$/,
  },
  {
    name: "fraction",
    toml: "[server.totp]\nwindow = 1.5\n",
    line: /^knot\.toml:2: server\.totp\.window must be a whole number of codes from 0 to 10, not 1\.5$/,
  },
  {
    name: "text for a boolean",
    toml: "[server.cluster]\n\ncompression = 'yes'\n",
    line: /^knot\.toml:3: server\.cluster\.compression must be true or false, not the text "yes"$/,
  },
  {
    name: "text for a list",
    toml: "[server.cluster]\npeers = 'a:1'\n",
    line: /^knot\.toml:2: server\.cluster\.peers must be a list in brackets, such as \["a", "b"\], not "a:1"$/,
  },
  {
    name: "listen without a colon",
    toml: "[server]\nlisten = '8080'\n",
    line: /^knot\.toml:2: server\.listen must be .*\(perhaps ":8080"\), not "8080"$/,
  },
  {
    name: "IPv6 without brackets",
    toml: "[server]\nlisten = '::1:3000'\n",
    line: /^knot\.toml:2: server\.listen must be .*brackets.*, not "::1:3000"$/,
  },
  {
    name: "port out of range",
    toml: "[server]\nlisten = ':70000'\n",
    line: /^knot\.toml:2: server\.listen must have a port from 0 to 65535, not ":70000"$/,
  },
  {
    name: "advertised address without port",
    toml: `[server.cluster]\nkey = '${CLUSTER_KEY}'\nadvertise_addr = 'knot1.internal'\n`,
    line: /^knot\.toml:3: server\.cluster\.advertise_addr must be "host:port" or a URL .*, not "knot1\.internal"$/,
  },
  {
    name: "advertised address that nobody can reach",
    toml: `[server.cluster]\nkey = '${CLUSTER_KEY}'\nadvertise_addr = '0.0.0.0:3100'\n`,
    line: /^knot\.toml:3: server\.cluster\.advertise_addr must name a host that other servers can reach/,
  },
  {
    name: "advertised address of another protocol",
    toml: `[server.cluster]\nkey = '${CLUSTER_KEY}'\nadvertise_addr = 'udp://knot1:3100'\n`,
    line: /^knot\.toml:3: server\.cluster\.advertise_addr must start with wss:\/\/ or .*, not "udp:\/\/knot1:3100"$/,
  },
  {
    name: "no cluster key",
    toml: "[server.cluster]\nadvertise_addr = 'knot1:3100'\n",
    line: /^server\.cluster\.key must be set in cluster mode: 32 letters and digits, .*\(run "knot genkey"\)$/,
  },
  {
    name: "empty cluster key",
    toml: "[server.cluster]\nadvertise_addr = 'knot1:3100'\nkey = ''\n",
    line: /^knot\.toml:3: server\.cluster\.key must be set in cluster mode/,
  },
  {
    name: "cluster key of the wrong length",
    toml: `[server.cluster]\nadvertise_addr = 'knot1:3100'\nkey = '${CLUSTER_KEY.slice(1)}'\n`,
    line: /^knot\.toml:3: server\.cluster\.key must be 32 letters and digits .*; this one has 31 characters$/,
  },
  {
    name: "cluster key with other characters",
    toml: `[server.cluster]\nadvertise_addr = 'knot1:3100'\nkey = '${CLUSTER_KEY.slice(1)}-'\n`,
    line: /^knot\.toml:3: server\.cluster\.key must be 32 letters and digits/,
  },
  {
    name: "peer of the other transport, websocket for UDP and TCP",
    toml:
      `[server.cluster]\nadvertise_addr = 'knot1:3100'\nkey = '${CLUSTER_KEY}'\npeers = ['knot1:3100', 'wss://b']\n`,
    line: /^knot\.toml:4: server\.cluster\.peers must all use the transport of .*"wss:\/\/b" is a URL/,
  },
  {
    name: "peer of the other transport, UDP and TCP for websocket",
    toml: `[server.cluster]\nadvertise_addr = 'wss://a/'\nkey = '${CLUSTER_KEY}'\npeers = ['wss://a/', 'b:3100']\n`,
    line: /^knot\.toml:4: server\.cluster\.peers must all use the transport of .*"b:3100" is host:port/,
  },
  {
    name: "bad peer",
    toml: `[server.cluster]\nadvertise_addr = 'a:3100'\nkey = '${CLUSTER_KEY}'\npeers = ['b:3100', 'c:0']\n`,
    line: /^knot\.toml:4: server\.cluster\.peers\[2\] must have a port from 1 to 65535, not "c:0"$/,
  },
  {
    name: "one port for pages and cluster",
    toml: `[server.cluster]\nadvertise_addr = 'a:3000'\nkey = '${CLUSTER_KEY}'\n`,
    line: /^knot\.toml:2: server\.cluster\.advertise_addr has the port 3000 of server\.listen/,
  },
  {
    name: "encrypt of the wrong length",
    toml: "[server]\nencrypt = 'short'\n",
    line: /^knot\.toml:2: server\.encrypt must have 32 characters .*; this one has 5 characters$/,
  },
  {
    name: "time zone that does not exist",
    toml: "[server]\ntimezone = 'Mars/Olympus'\n",
    line: /^knot\.toml:2: server\.timezone must be an IANA time zone.*, not "Mars\/Olympus"$/,
  },
  {
    name: "offset for a time zone",
    toml: "[server]\ntimezone = '+02:00'\n",
    line: /^knot\.toml:2: server\.timezone must be an IANA time zone/,
  },
  {
    name: "long zone",
    toml: `[server]\nzone = '${"z".repeat(65)}'\n`,
    line: /^knot\.toml:2: server\.zone must have at most 64 characters/,
  },
  {
    name: "log level",
    toml: "[log]\nlevel = 'loud'\n",
    line: /^knot\.toml:2: log\.level must be one of trace, debug, info, warn, error, not "loud"$/,
  },
  {
    name: "certificate that does not exist",
    toml: "[server.tls]\ncert_file = 'c.pem'\nkey_file = '/etc/key.pem'\n",
    line: /^knot\.toml:2: server\.tls\.cert_file: cannot read "c\.pem": No such file or directory \(os error 2\)$/,
  },
  {
    name: "key file that holds no key",
    toml: "[server.tls]\ncert_file = '/etc/cert.pem'\nkey_file = '/etc/cert.pem'\n",
    line: /^knot\.toml:3: server\.tls\.key_file: "\/etc\/cert\.pem" holds no PRIVATE KEY in PEM$/,
  },
  {
    name: "certificate without key",
    toml: "[server.tls]\ncert_file = '/etc/cert.pem'\n",
    line: /^knot\.toml:2: server\.tls\.cert_file needs server\.tls\.key_file beside it$/,
  },
  {
    name: "one key under two names",
    toml: "[tls]\nskip_verify = false\n[server.tls]\nskip_verify = false\n",
    line: /^knot\.toml:4: server\.tls\.skip_verify is set twice/,
  },
];

const PEM_FILES = {
  "/etc/cert.pem": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
  "/etc/key.pem": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
};

for (const { name, toml, line } of MISTAKES) {
  Deno.test(`loadConfig() names file, line, key and cause: ${name}`, () => {
    const loaded = loadWith({ files: { "/work/knot.toml": toml, ...PEM_FILES } });
    assert.equal(loaded.kind, "invalid");
    assert.equal(loaded.problems.length, 1, loaded.problems.join("\n"));
    assert.match(loaded.problems[0], line);
  });
}

Deno.test("loadConfig() reports every problem of every source at once, those of the file by line", () => {
  const toml = `zone = 'au'
[server]
listen = 'x'
[server.cluster]
advertise_addr = 'wss://knot1.internal/'
peers = ['knot2:3100', 'knot3:0', 'wss://knot1.internal/']
colour = 1
`;
  const problems = problemsOf(toml, { env: { KNOT_TOTP_WINDOW: "many" }, flags: { "log-level": "loud" } });
  const starts = [
    'knot.toml:1: unknown key "zone"',
    "knot.toml:3: server.listen must",
    "knot.toml:6: server.cluster.peers[2] must",
    "knot.toml:6: server.cluster.peers must all use the transport",
    'knot.toml:7: unknown key "server.cluster.colour"',
    'KNOT_TOTP_WINDOW: server.totp.window must be a whole number of codes from 0 to 10, not "many"',
    "--log-level: log.level must",
    "server.cluster.key must be set",
  ];
  assert.equal(problems.length, starts.length, problems.join("\n"));
  starts.forEach((start, index) => assert.ok(problems[index].startsWith(start), problems[index]));
});

Deno.test("loadConfig() names each peer of the other transport", () => {
  const problems = problemsOf(
    `[server.cluster]\nadvertise_addr = 'a:3100'\nkey = '${CLUSTER_KEY}'\npeers = ['wss://b', 'c:1', 'https://d']\n`,
  );
  assert.equal(problems.length, 2);
  assert.match(problems[0], /"wss:\/\/b"/);
  assert.match(problems[1], /"https:\/\/d"/);
});

Deno.test("loadConfig() does not report as missing what an unreadable file may have set", () => {
  const problems = problemsOf("key =", { flags: { "cluster-advertise-addr": "a:3100" } });
  assert.equal(problems.length, 1);
  assert.match(problems[0], /not valid TOML/);
});

Deno.test("loadConfig() never shows a secret", () => {
  const secret = "hunter2hunter2";
  const texts = [
    `[server]\nencrypt = '${secret}'\n`,
    `[server]\nencrypt = ['${secret}']\n`,
    `[server]\nencrypt = ${secret}\n`,
    `[server.cluster]\nkey = '${secret}'\n`,
    `[server.cluster]\nkey = "${secret}\n`,
    `[server.cluster]\nkye = '${secret}'\n`,
    `[server.cluster.key]\nx = '${secret}'\n`,
    `[server.cluster]\nadvertise_addr = 'wss://ann:${secret}@knot1/'\n`,
    `[server.cluster]\nadvertise_addr = 'a:3100'\nkey = '${CLUSTER_KEY}'\npeers = ['wss://ann:${secret}@b/']\n`,
    `[server.mysql]\npassword = '${secret}'\n`,
  ];
  for (const toml of texts) {
    const loaded = loadWith({ files: { "/work/knot.toml": toml } });
    assert.ok(!JSON.stringify(loaded).includes(secret), `${toml}\n${JSON.stringify(loaded)}`);
  }
  const loaded = loadWith({
    env: { KNOT_CLUSTER_KEY: secret, KNOT_ENCRYPT: secret },
    flags: { "cluster-key": secret },
  });
  assert.equal(loaded.kind, "invalid");
  assert.ok(!JSON.stringify(loaded).includes(secret));
});

Deno.test("loadConfig() warns once for each section and key of the original that is not served", () => {
  const toml = `[server]
listen_agent = ':3010'
wildcard_domain = '*.x'
location = 'au'
[server.mysql]
host = 'db'
port = 3306
[server.badgerdb]
enabled = true
[[server.mcp.remote_servers]]
url = 'x'
[server.tls]
use_tls = true
[client.connection.default]
server = 'x'
[resolver]
nameservers = []
[log]
level = 'panic'
output = { url = 'x' }
`;
  assert.deepEqual(problemsOf(toml), []);
  assert.deepEqual(warningsOf(toml), [
    'knot.toml:2: "server.listen_agent" is not used by this server and ignored',
    'knot.toml:3: "server.wildcard_domain" is not used by this server and ignored',
    'knot.toml:4: "server.location" is not used by this server and ignored: set "server.zone"',
    'knot.toml:5: section "server.mysql" is not used by this server and ignored (server.mysql.host, server.mysql.port)',
    'knot.toml:8: section "server.badgerdb" is not used by this server and ignored (server.badgerdb.enabled)',
    'knot.toml:10: section "server.mcp" is not used by this server and ignored (server.mcp.remote_servers)',
    'knot.toml:13: "server.tls.use_tls" is not used by this server and ignored: TLS is on where "server.tls.cert_file" is set',
    'knot.toml:14: section "client" is not used by this server and ignored (client.connection)',
    'knot.toml:16: section "resolver" is not used by this server and ignored (resolver.nameservers)',
    'knot.toml:19: log.level "panic" is taken as "error"',
    'knot.toml:20: section "log.output" is not used by this server and ignored (log.output.url)',
  ]);
});

Deno.test("loadConfig() warns of what has no effect, and of what is unsafe", () => {
  const websocket =
    `[server.cluster]\nkey = '${CLUSTER_KEY}'\nadvertise_addr = 'ws://a/'\nbind_addr = ':3100'\ntcp_only = true\n`;
  const lines = warningsOf(`${websocket}[tls]\nskip_verify = true\n`);
  const expected = [
    /^knot\.toml:3: server\.cluster\.advertise_addr: "ws:\/\/a\/" is without TLS/,
    /^knot\.toml:4: server\.cluster\.bind_addr has no effect/,
    /^knot\.toml:5: server\.cluster\.tcp_only has no effect/,
    /^knot\.toml:7: tls\.skip_verify: certificates of other servers are not verified/,
  ];
  assert.equal(lines.length, expected.length, lines.join("\n"));
  expected.forEach((pattern, index) => assert.match(lines[index], pattern));

  const off = warningsOf(`[server.cluster]\nkey = '${CLUSTER_KEY}'\npeers = ['a:1']\n`);
  assert.equal(off.length, 2);
  for (const line of off) assert.match(line, /has no effect: cluster mode is off/);
});

Deno.test("loadConfig() accepts one port on addresses that do not overlap", () => {
  const at = (listen: string, bind: string) =>
    problemsOf(
      `server.listen = '${listen}'\n[server.cluster]\nadvertise_addr = 'a:9'\nkey = '${CLUSTER_KEY}'\nbind_addr = '${bind}'`,
    ).length;
  assert.equal(at("127.0.0.1:3000", "10.0.0.1:3000"), 0);
  assert.equal(at("127.0.0.1:3000", "127.0.0.1:3000"), 1);
  assert.equal(at("127.0.0.1:3000", "0.0.0.0:3000"), 1);
  assert.equal(at(":3000", "[::1]:3000"), 1);
  assert.equal(at(":3000", ":3100"), 0);
});

Deno.test("loadConfig() bounds what it says of a file that is something else", () => {
  const toml = Array.from({ length: 20_000 }, (_, index) => `key${index} = 1`).join("\n");
  const problems = problemsOf(toml);
  assert.equal(problems.length, 51);
  assert.match(problems[50], /^knot\.toml:51: more unknown keys from here on/);
});

Deno.test("loadConfig() turns any file, variable and flag into a result, never an exception", () => {
  const names = ["server", "cluster", "peers", "listen", "key", "tls", "__proto__", "constructor", "mysql", "x.y", ""];
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
  const table = (value: fc.Arbitrary<unknown>) =>
    fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 4 }).map((entries) => new Map(entries));
  const document = table(fc.oneof(leaf, table(fc.oneof(leaf, table(leaf)))));
  const toml = (value: unknown): string =>
    value instanceof Map
      ? `{ ${[...value].map(([name, one]) => `${JSON.stringify(name)} = ${toml(one)}`).join(", ")} }`
      : JSON.stringify(value) ?? "0";
  fc.assert(fc.property(document, fc.string(), fc.string(), (tables, variable, flag) => {
    const text = [...tables].map(([name, value]) => `${JSON.stringify(name)} = ${toml(value)}`).join("\n");
    const sources = { env: { KNOT_LISTEN: variable, KNOT_TOTP_WINDOW: variable }, flags: { "cluster-peer": [flag] } };
    const loaded = loadWith({ files: { "/work/knot.toml": text }, ...sources });
    if (loaded.kind === "invalid") { for (const line of loaded.problems) assert.doesNotMatch(line, /\n/); }
  }));
  fc.assert(fc.property(fc.string(), (text) => loadWith({ files: { "/work/knot.toml": text } }).kind !== undefined));
});
