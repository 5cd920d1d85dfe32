/**
 * A real cluster to look at: server processes in several zones on loopback, with a generated key and admin, some people and
 * templates, and data that goes when it stops. Usage: `deno task demo [--servers N] [--transport udp|wss] [--binary FILE] [--check]`.
 */
import { parseArgs } from "node:util";
import { CONTENT_PATHS, fill } from "./demo/content.ts";
import { Launchers } from "./demo/launchers.ts";
import { ADMIN, type ApiClient, Cluster, type ClusterTransport, knotWords, STOP_TIMEOUT_MS, until } from "./e2e/mod.ts";

/** Loopback and one machine's memory carry no more. */
const SERVERS_MAX = 30;

const CHECK_TIMEOUT_MS = 10_000;
const LAUNCHER_POLL_MS = 1_000;

const USAGE = `Usage: deno task demo [options]

  --servers N          how many servers, 1 to ${SERVERS_MAX} (3)
  --transport NAME     udp: TCP and UDP; wss: secure websockets (udp)
  --binary FILE        run this executable, as \`deno task compile\` makes it, instead of the source
  --check              stop again once everything is at every server; exit 0 if it was
`;

interface DemoOptions {
  readonly servers: number;
  readonly transport: ClusterTransport;
  readonly binary?: string;
  readonly check: boolean;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === "string") {
    console.error(`demo: ${options}\n\n${USAGE}`);
    return 2;
  }
  const stop = await stopRequested();
  try {
    return await demo(options, stop);
  } catch (cause) {
    if (stop.aborted) return 1; // Asked to stop before all servers were up: they are gone again.
    console.error(`demo: ${cause instanceof Error ? cause.message : cause}`);
    return 1;
  }
}

/** What was asked for, or what is wrong with it. */
function readOptions(args: string[]): DemoOptions | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        servers: { type: "string", default: "3" },
        transport: { type: "string", default: "udp" },
        binary: { type: "string" },
        check: { type: "boolean", default: false },
      },
    });
    const servers = Number(values.servers);
    const { transport, binary, check } = values;
    if (!Number.isInteger(servers) || servers < 1 || servers > SERVERS_MAX) {
      return `--servers is "${values.servers}", not a number from 1 to ${SERVERS_MAX}`;
    }
    if (transport !== "udp" && transport !== "wss") return `--transport is "${transport}", neither "udp" nor "wss"`;
    return { servers, transport, binary, check };
  } catch (error) {
    return (error as Error).message;
  }
}

async function demo(options: DemoOptions, stop: AbortSignal): Promise<number> {
  const started = performance.now();
  const admin = { ...ADMIN, password: randomPassword() };
  const cluster = await Cluster.start({ ...options, admin, signal: stop });
  try {
    const admins = await cluster.signIn();
    await fill(admins, admin.password);
    await Promise.all(admins.map(holdsContent));
    print(cluster, options, Math.round(performance.now() - started));
    if (options.check) {
      console.log("\nEverything is at every server. Stopping …");
      return 0;
    }
    console.log("\nCtrl-C stops the servers and removes their data.");
    reportDeaths(cluster, stop);
    await new Promise((resolve) => stop.aborted ? resolve(undefined) : stop.addEventListener("abort", resolve));
    console.log("\nStopping …");
    return 0;
  } finally {
    await end(cluster);
  }
}

async function holdsContent(admin: ApiClient): Promise<void> {
  await until(`${admin.url} has everything`, CHECK_TIMEOUT_MS, async () => {
    for (const path of CONTENT_PATHS) await admin.get(path);
    return true;
  });
}

function print(cluster: Cluster, { transport, binary }: DemoOptions, elapsedMs: number): void {
  const rows = cluster.servers.map(({ settings, url, process }) => [
    settings.zone,
    url,
    transport === "udp" ? `127.0.0.1:${settings.cluster!.clusterPort}` : "the same, /cluster",
    String(process.pid),
  ]);
  const over = transport === "udp" ? "TCP and UDP" : "secure websockets";
  console.log(`\n${rows.length} servers over ${over}, ready after ${(elapsedMs / 1000).toFixed(1)} s\n`);
  console.log(table(["zone", "pages and API", "cluster", "process"], rows));
  console.log(`\n  sign in   ${ADMIN.email}`);
  console.log(`  password  ${cluster.admin.password}   (ana, ben, chloe and dario @example.com have the same)`);
  if (transport === "wss") {
    console.log(`\n  The certificates are signed by ${cluster.folder}/ca.pem, made for this demo: browsers will warn.`);
  }
  console.log(`\n  Each server's folder, with its knot.toml and its data:\n`);
  for (const { configFile, settings } of cluster.servers) console.log(`  ${settings.zone.padEnd(6)} ${configFile}`);
  const start = knotWords(binary);
  // As the servers themselves were started: an executable with the older runtime takes a private authority from here only.
  const trust = transport === "wss" && binary ? `DENO_CERT=${cluster.folder}/ca.pem ` : "";
  const [first] = cluster.servers;
  const last = cluster.servers.at(-1)!;
  console.log(
    `\n  In another terminal, to ask a server, and to start ${last.settings.zone} again when it was stopped (kill PROCESS):\n`,
  );
  console.log(`  ${start} cluster members --config ${first.configFile}`);
  console.log(`  ${trust}${start} server --config ${last.configFile}`);
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  return [head, ...rows].map((row) =>
    "  " + row.map((text, column) => text.padEnd(widths[column] + 3)).join("").trimEnd()
  )
    .join("\n");
}

/** Says so when a server dies by itself; the others go on, which is what a cluster is for. */
function reportDeaths(cluster: Cluster, stop: AbortSignal): void {
  for (const server of cluster.servers) {
    server.process.finished.then(({ code, signal }) => {
      if (stop.aborted) return; // Ctrl-C in a terminal reaches the servers as well.
      console.log(
        `\nServer ${server.settings.zone} (${server.url}) ended ${signal ? `by ${signal}` : `with code ${code}`}.`,
      );
      console.log(server.process.lines.slice(-5).map((line) => `  ${line}`).join("\n"));
    });
  }
}

/** Asks all servers to stop, ends those that do not, and removes the data. */
async function end(cluster: Cluster): Promise<void> {
  for (const server of cluster.servers) server.requestStop();
  const finished = Promise.all(cluster.servers.map(({ process }) => process.finished));
  const { promise: patience, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, STOP_TIMEOUT_MS);
  await Promise.race([finished, patience]);
  clearTimeout(timer);
  await cluster[Symbol.asyncDispose]();
}

/** Aborted when a person, or the machine, wants the demo to end. */
async function stopRequested(): Promise<AbortSignal> {
  const stop = new AbortController();
  const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, () => stop.abort());
  const launchers = await Launchers.find();
  const timer = setInterval(async () => await launchers.anyGone() && stop.abort(), LAUNCHER_POLL_MS);
  Deno.unrefTimer(timer);
  return stop.signal;
}

function randomPassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => letters[byte % letters.length]).join("");
}
