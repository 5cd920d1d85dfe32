import assert from "node:assert/strict";
import type { Io } from "./io.ts";
import { fakeServer, runIn } from "./run_fixture.ts";

/** Signals that a test sends, and what came of them. */
function signals() {
  const listeners = new Set<() => void>();
  const exits: number[] = [];
  const io: Partial<Io> = {
    onStopSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
  };
  const send = () => listeners.forEach((listener) => listener());
  return { io, exits, send, listening: () => listeners.size };
}

Deno.test("knot server gives the flags to the server, and ends with its exit code", async () => {
  const server = fakeServer();
  const flags = ["--listen", ":4000", "--zone=au", "--cluster-peer", "a:1", "--cluster-peer", "b:2"];
  const ran = runIn(
    { startServer: server.startServer },
    "server",
    ...flags,
    "--no-cluster-compression",
    "--enable-totp",
  );
  await server.started;
  server.finish(1);
  assert.equal((await ran).code, 1);
  const { listen, zone, cluster, totp } = server.state.config!.server;
  assert.deepEqual([listen, zone, cluster.peers, cluster.compression], [":4000", "au", ["a:1", "b:2"], false]);
  assert.equal(totp.enabled, true);
});

Deno.test("knot takes --config and --log-level in front of the command and behind it, where the latter counts", async () => {
  const files = { "/work/a.toml": "[server]\nzone = 'a'\n", "/work/b.toml": "[server]\nzone = 'b'\n" };
  const zone = async (...args: string[]) => {
    const server = fakeServer();
    server.finish(0);
    await runIn({ startServer: server.startServer, files }, ...args);
    return [server.state.config?.server.zone, server.state.config?.log.level];
  };
  assert.deepEqual(await zone("--config", "a.toml", "--log-level", "debug", "server"), ["a", "debug"]);
  assert.deepEqual(await zone("server", "-c", "b.toml", "--log-level=warn"), ["b", "warn"]);
  assert.deepEqual(await zone("--config", "a.toml", "server", "--config", "b.toml"), ["b", "info"]);
  assert.match((await runIn({ files }, "--config", "a.toml", "validate")).stdout, /^a\.toml is valid/);
  assert.match((await runIn({ files }, "validate", "--config", "b.toml")).stdout, /^b\.toml is valid/);
});

Deno.test("knot server reads a flag with =false, and leaves what was not given to the environment", async () => {
  const server = fakeServer();
  server.finish(0);
  const io = { env: { KNOT_CLUSTER_COMPRESSION: "no", KNOT_CLUSTER_TCP_ONLY: "yes" } };
  await runIn({ startServer: server.startServer, io }, "server", "--cluster-tcp-only=false");
  const { compression, tcpOnly } = server.state.config!.server.cluster;
  assert.deepEqual({ compression, tcpOnly }, { compression: false, tcpOnly: false });
});

Deno.test("knot server does not start with a bad configuration: every problem, exit code 2", async () => {
  const server = fakeServer();
  const ran = await runIn({ startServer: server.startServer }, "server", "--listen", "x", "--log-level", "loud");
  assert.equal(ran.code, 2);
  assert.equal(server.state.config, undefined);
  assert.match(ran.stderr, /^knot: --listen: server\.listen must .*\nknot: --log-level: log\.level must .*\n$/);
});

Deno.test("knot server prints warnings on standard error and starts", async () => {
  const server = fakeServer();
  server.finish(0);
  const ran = await runIn({ startServer: server.startServer }, "server", "--tls-skip-verify");
  assert.equal(ran.code, 0);
  assert.match(ran.stderr, /^knot: warning: --tls-skip-verify: tls\.skip_verify: certificates .* are not verified/);
});

Deno.test("knot server logs warnings as JSON where the log is JSON", async () => {
  const server = fakeServer();
  server.finish(0);
  const ran = await runIn({ startServer: server.startServer }, "server", "--tls-skip-verify", "--log-format", "json");
  const { level, message, warning } = JSON.parse(ran.stderr);
  assert.deepEqual([level, message], ["warn", "Configuration has a warning"]);
  assert.match(warning, /^--tls-skip-verify: /);
});

Deno.test("knot server stops gracefully on the first signal", async () => {
  const server = fakeServer(), { io, exits, send, listening } = signals();
  const ran = runIn({ startServer: server.startServer, io }, "server");
  await server.started;
  send();
  assert.equal((await ran).code, 0);
  assert.equal(server.state.stops, 1);
  assert.deepEqual(exits, []);
  assert.equal(listening(), 0);
});

Deno.test("knot server ends at once on the second signal", async () => {
  const server = fakeServer(), { io, exits, send } = signals();
  const stuck = async (...args: Parameters<typeof server.startServer>) => ({
    ...await server.startServer(...args),
    stop: () => new Promise<void>(() => {}),
  });
  const ran = runIn({ startServer: stuck, io }, "server");
  await server.started;
  send();
  send();
  assert.deepEqual(exits, [1]);
  server.finish(0);
  await ran;
});

Deno.test("knot server ends cleanly when it is told to stop while it starts", async () => {
  const { io, send } = signals();
  const startServer = (_config: unknown, { signal }: { signal: AbortSignal }) => {
    queueMicrotask(send);
    return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  assert.deepEqual(await runIn({ startServer, io }, "server"), { code: 0, stdout: "", stderr: "" });
});

Deno.test("knot server stops a server that finished starting after the signal", async () => {
  const server = fakeServer(), { io, send } = signals();
  const startServer = (...args: Parameters<typeof server.startServer>) => {
    send();
    return server.startServer(...args);
  };
  assert.equal((await runIn({ startServer, io }, "server")).code, 0);
  assert.equal(server.state.stops, 1);
});

Deno.test("knot server carries on after an error that nobody caught; another command ends with one line", async () => {
  const { io, exits } = signals();
  let stray = (_error: unknown) => {};
  const listening = { ...io, onStrayError: (listener: typeof stray) => (stray = listener, () => {}) };
  const server = fakeServer();
  const ran = runIn({ startServer: server.startServer, io: listening }, "server");
  await server.started;
  await new Promise((resolve) => setTimeout(resolve)); // All that was waiting for the start has run by then.
  stray(new Error("boom"));
  assert.deepEqual(exits, []);
  server.finish(0);
  assert.equal((await ran).stderr, "");

  const fetch = () => (stray(new Error("boom\nstack")), Promise.reject(new Error("late")));
  const ping = await runIn({ io: { ...listening, fetch } }, "ping");
  assert.deepEqual(exits, [1]);
  assert.match(ping.stderr, /^knot: boom\n/);
});

Deno.test("knot server gives --adopt and --reseed to the server, and refuses them where nobody could fill it", async () => {
  const cluster = ["--cluster-advertise-addr", "127.0.0.1:3100", "--cluster-key", "k".repeat(32)];
  for (const fresh of ["adopt", "reseed"]) {
    const server = fakeServer();
    server.finish(0);
    const given: unknown[] = [];
    const startServer: typeof server.startServer = (config, options) => {
      given.push(options.fresh);
      return server.startServer(config, options);
    };
    const args = ["server", `--${fresh}`, ...cluster, "--cluster-peer", "127.0.0.1:3101"];
    assert.equal((await runIn({ startServer }, ...args)).code, 0);
    assert.deepEqual(given, [fresh]);
    const alone = await runIn({ startServer }, "server", `--${fresh}`);
    assert.equal(alone.code, 2);
    assert.match(
      alone.stderr,
      new RegExp(`^knot: Cannot start with --${fresh}: cluster mode is off .*nothing was moved`),
    );
    const lonely = await runIn({ startServer }, "server", `--${fresh}`, ...cluster);
    assert.equal(lonely.code, 2);
    assert.match(lonely.stderr, /no peer is configured \(server\.cluster\.peers\)/);
    assert.deepEqual(given, [fresh]);
  }
  assert.equal((await runIn({}, "server", "--adopt", "--reseed")).code, 2);
});

Deno.test("knot server reads the configuration anew on SIGHUP: the log follows, the rest is named", async () => {
  const listeners = new Set<() => void>();
  const onReloadSignal: Io["onReloadSignal"] = (
    listener,
  ) => (listeners.add(listener), () => listeners.delete(listener));
  const files: Record<string, string> = { "/work/a.toml": "[server]\nzone = 'a'\n" };
  const server = fakeServer();
  const world = { startServer: server.startServer, files, io: { onReloadSignal } };
  const ran = runIn(world, "server", "--config", "a.toml", "--log-format", "json");
  await server.started;
  assert.equal(listeners.size, 1);
  const lines: string[] = [];
  const reload = async (toml: string) => {
    files["/work/a.toml"] = toml;
    const write = Deno.stderr.writeSync;
    lines.length = 0;
    Deno.stderr.writeSync = (bytes) => (lines.push(new TextDecoder().decode(bytes)), bytes.length);
    try {
      listeners.forEach((listener) => listener());
      await new Promise((resolve) => setTimeout(resolve)); // All that the reload waits for has run by then.
    } finally {
      Deno.stderr.writeSync = write;
    }
    return lines.map((line) => JSON.parse(line));
  };
  const [restart, done] = await reload(
    "[server]\nzone = 'b'\n[server.cluster]\ncompression = false\n[log]\nlevel = 'debug'\n",
  );
  assert.deepEqual(restart.keys, ["server.zone", "server.cluster.compression"]);
  assert.equal(done.logLevel, "debug");
  const [refused] = await reload("[server]\nzones = 'b'\n");
  assert.match(refused.problems[0], /server\.zones/);
  server.finish(0);
  assert.equal((await ran).code, 0);
  assert.equal(listeners.size, 0);
});
