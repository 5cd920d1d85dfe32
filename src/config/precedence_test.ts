import assert from "node:assert/strict";
import type { KnotConfig } from "./config.ts";
import type { Loaded } from "./load.ts";
import { CLUSTER_KEY, loadWith } from "./sources_fixture.ts";

function valid(loaded: Loaded): KnotConfig {
  if (loaded.kind === "invalid") throw new Error(loaded.problems.join("\n"));
  return loaded.config;
}

Deno.test("loadConfig() without any source is one server on port 3000 with its data in ./knot-data", () => {
  const loaded = loadWith({});
  assert.deepEqual(loaded.warnings, []);
  assert.equal("file" in loaded && loaded.file, undefined);
  assert.deepEqual(valid(loaded), {
    server: {
      listen: ":3000",
      url: "http://127.0.0.1:3000",
      zone: "box",
      hostname: "box",
      encrypt: "",
      timezone: "Europe/Zurich",
      auditRetentionDays: 90,
      authIpRateLimiting: true,
      dataDir: "./knot-data",
      cluster: { key: "", advertiseAddr: "", bindAddr: "", peers: [], compression: true, tcpOnly: false },
      tls: { certFile: "", keyFile: "", caFile: "", skipVerify: false },
      totp: { enabled: false, window: 1, issuer: "Knot" },
    },
    log: { level: "info", format: "text" },
  });
});

Deno.test("loadConfig() lets a flag beat the environment, the environment the file, the file the default", () => {
  const files = { "/work/knot.toml": "[server]\nzone = 'file'\n" };
  const env = { KNOT_ZONE: "environment" };
  const zone = (sources: Parameters<typeof loadWith>[0]) => valid(loadWith(sources)).server.zone;
  assert.equal(zone({ files, env, flags: { zone: "flag" } }), "flag");
  assert.equal(zone({ files, env }), "environment");
  assert.equal(zone({ files }), "file");
  assert.equal(zone({}), "box");
});

Deno.test("loadConfig() passes over a bad value that a better source replaces", () => {
  const files = { "/work/knot.toml": "[server]\nlisten = 'nonsense'\n" };
  assert.equal(valid(loadWith({ files, flags: { listen: ":4000" } })).server.listen, ":4000");
});

Deno.test("loadConfig() takes an empty environment variable as absent, and an empty flag as given", () => {
  const files = { "/work/knot.toml": `[server.cluster]\nadvertise_addr = 'a:3100'\nkey = '${CLUSTER_KEY}'\n` };
  const advertised = (sources: Parameters<typeof loadWith>[0]) => valid(loadWith(sources)).server.cluster.advertiseAddr;
  assert.equal(advertised({ files, env: { KNOT_CLUSTER_ADVERTISE_ADDR: "" } }), "a:3100");
  assert.equal(advertised({ files, flags: { "cluster-advertise-addr": "" } }), "");
});

Deno.test("loadConfig() reads lists and booleans from the environment", () => {
  const cluster = (env: Record<string, string>) => valid(loadWith({ env })).server.cluster;
  assert.deepEqual(cluster({ KNOT_CLUSTER_PEERS: "a:1, b:2,,a:1" }).peers, ["a:1", "b:2"]);
  for (const yes of ["true", "1", "yes", "YES", " True "]) {
    assert.equal(cluster({ KNOT_CLUSTER_TCP_ONLY: yes }).tcpOnly, true);
  }
  for (const no of ["false", "0", "no"]) assert.equal(cluster({ KNOT_CLUSTER_COMPRESSION: no }).compression, false);

  const loaded = loadWith({ env: { KNOT_CLUSTER_TCP_ONLY: "maybe" } });
  assert.equal(loaded.kind, "invalid");
  assert.match(loaded.problems[0], /^KNOT_CLUSTER_TCP_ONLY: server\.cluster\.tcp_only must be true or false/);
});

Deno.test("loadConfig() warns of a misspelled variable, and leaves those of others alone", () => {
  const env = { KNOT_CLUSTER_PEER: "a:1", KNOT_SERVICE_HOST: "10.0.0.1", KNOT_PORT_3000_TCP: "x", KNOT_TOKEN: "t" };
  assert.deepEqual(loadWith({ env }).warnings, [
    'KNOT_CLUSTER_PEER: unknown variable, ignored: did you mean "KNOT_CLUSTER_PEERS"?',
  ]);
});

Deno.test("loadConfig() looks for knot.toml in the working folder, the home, its .config/knot and /etc/knot", () => {
  const places: Array<[path: string, shown: string]> = [
    ["/work/knot.toml", "knot.toml"],
    ["/home/ann/knot.toml", "/home/ann/knot.toml"],
    ["/home/ann/.config/knot/knot.toml", "/home/ann/.config/knot/knot.toml"],
    ["/etc/knot/knot.toml", "/etc/knot/knot.toml"],
  ];
  for (let first = 0; first < places.length; first++) {
    const here = places.slice(first);
    const files = Object.fromEntries(here.map(([path]) => [path, `[server]\nzone = '${path}'\n`]));
    const loaded = loadWith({ files });
    assert.equal(valid(loaded).server.zone, here[0][0]);
    assert.equal("file" in loaded && loaded.file, here[0][1]);
  }
  const files = { "/etc/knot/knot.toml": "[server]\nzone = 'etc'\n" };
  assert.equal(valid(loadWith({ files, home: undefined })).server.zone, "etc");
});

Deno.test("loadConfig() reads only the file that --config or KNOT_CONFIG names, from the working folder", () => {
  const files = {
    "/work/knot.toml": "nonsense",
    "/work/a.toml": "[server]\nzone = 'a'\n",
    "/srv/b.toml": "[server]\nzone = 'b'\n",
  };
  const env = { KNOT_CONFIG: "/srv/b.toml" };
  assert.equal(valid(loadWith({ files, env })).server.zone, "b");
  assert.equal(valid(loadWith({ files, env, flags: { config: "a.toml" } })).server.zone, "a");

  const loaded = loadWith({ files, flags: { config: "c.toml" } });
  assert.deepEqual(loaded.kind === "invalid" && loaded.problems, ['Cannot read config "c.toml": no such file']);
});

Deno.test("loadConfig() derives the URL from where it listens, unless it is given", () => {
  const url = (flags: Record<string, string>) => valid(loadWith({ flags })).server.url;
  assert.equal(url({ listen: ":4000" }), "http://127.0.0.1:4000");
  assert.equal(url({ listen: "[::1]:4000" }), "http://[::1]:4000");
  assert.equal(url({ listen: "10.0.0.1:4000" }), "http://10.0.0.1:4000");
  assert.equal(url({ listen: ":4000", url: "https://knot.example.com/" }), "https://knot.example.com");
});

Deno.test("loadConfig() cuts a long hostname to make a zone", () => {
  const machine = { hostname: "h".repeat(80), timezone: "UTC" };
  assert.equal(valid(loadWith({ machine })).server.zone.length, 64);
});
