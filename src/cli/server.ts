import { Command, Option } from "commander";
import { configureLog, logger } from "../base/mod.ts";
import type { KnotConfig } from "../config/mod.ts";
import { CommandFailure, EXIT, readable } from "./failure.ts";
import type { Io } from "./io.ts";
import { Reload } from "./reload.ts";
import { addConfigOptions, printWarnings, readConfig } from "./settings.ts";

/** A server that runs in this process. */
export interface RunningServer {
  readonly url: string;
  /** Resolves with the exit code when the server has stopped, for whatever reason. */
  readonly finished: Promise<number>;
  /** Stops gracefully; repeated calls wait for the same end. */
  stop(): Promise<void>;
}

/** Starts a server in this process. */
export type StartServer = (config: KnotConfig, options: StartOptions) => Promise<RunningServer>;

interface StartOptions {
  /** Ends an unfinished start. */
  readonly signal: AbortSignal;
  /** The local data are set aside before: for a cluster's other data set, or to be filled again. */
  readonly fresh?: "adopt" | "reseed";
}

/** What a server tells the process that runs it. */
export interface ServerLife {
  /** True between the end of the start and the end of the stop. */
  serving: boolean;
  exitCode: number;
}

/** `knot server`: runs until it is told to stop. */
export function serverCommand(io: Io, startServer: StartServer, life: ServerLife): Command {
  const command = new Command("server")
    .description("run a server")
    .addOption(new Option("--adopt", ADOPT_HELP).conflicts("reseed"))
    .addOption(new Option("--reseed", RESEED_HELP))
    .addHelpText("after", EXAMPLES);
  return addConfigOptions(command).action(async ({ adopt, reseed }: { adopt?: true; reseed?: true }) => {
    const { config, warnings } = readConfig(command, io);
    const fresh = adopt ? "adopt" : reseed ? "reseed" : undefined;
    if (fresh !== undefined) checkPeers(config, fresh);
    await announce(warnings, config, io);
    const reload = new Reload(command, { io, started: config });
    const unsubscribe = io.onReloadSignal(() => void reload.request());
    try {
      life.exitCode = await serve({ config, fresh, io, startServer, life });
    } finally {
      unsubscribe();
    }
  });
}

const ADOPT_HELP = "once: set the local data aside (moved, not deleted) and take over the cluster's other data set";
const RESEED_HELP =
  "once: set the local database aside (moved, not deleted), damaged or not, and be filled by the cluster";

/** Nobody could fill a server on its own. */
function checkPeers({ server: { cluster } }: KnotConfig, fresh: "adopt" | "reseed"): void {
  const reason = cluster.advertiseAddr === ""
    ? "cluster mode is off (server.cluster.advertise_addr)"
    : cluster.peers.length === 0
    ? "no peer is configured (server.cluster.peers)"
    : undefined;
  if (reason === undefined) return;
  throw new CommandFailure(
    `Cannot start with --${fresh}: ${reason}, so nobody could fill this server; nothing was moved`,
    "usage",
  );
}

const EXAMPLES = `
Every flag is also a key of knot.toml (see knot scaffold --server) and the variable in [brackets].
A flag beats the variable, the variable beats the file.
SIGHUP reads them anew: the log changes at once, and the log says what needs a restart.

Examples:
  knot server
  knot server --listen 127.0.0.1:8080 --data-dir /var/lib/knot
  knot server --cluster-advertise-addr knot1.internal:3100 --cluster-peer knot2.internal:3100
  knot server --config /etc/knot/knot.toml --reseed     after the database was damaged`;

/** Whoever reads the log as JSON reads it line by line: there, warnings are log lines. */
async function announce(warnings: readonly string[], config: KnotConfig, io: Io): Promise<void> {
  if (config.log.format === "text") return printWarnings(warnings, io);
  await configureLog({ ...config.log, write: (line) => io.stderr(`${line}\n`) });
  for (const warning of warnings) logger("config").warn("Configuration has a warning", { warning });
}

/** The first signal stops gracefully, also in the middle of the start; the second ends the process at once. */
async function serve({ config, fresh, io, startServer, life }: {
  config: KnotConfig;
  fresh: StartOptions["fresh"];
  io: Io;
  startServer: StartServer;
  life: ServerLife;
}): Promise<number> {
  const stopping = new AbortController();
  const unsubscribe = io.onStopSignal(() => {
    if (stopping.signal.aborted) io.exitNow(EXIT.failed);
    else stopping.abort();
  });
  try {
    const running = await started(config, startServer, { signal: stopping.signal, fresh });
    if (running === undefined) return EXIT.done;
    life.serving = true;
    const stop = () =>
      void running.stop().catch((error) => io.stderr(`knot: Cannot stop cleanly: ${readable(error)}\n`));
    if (stopping.signal.aborted) stop();
    else stopping.signal.addEventListener("abort", stop, { once: true });
    return await running.finished;
  } finally {
    life.serving = false;
    unsubscribe();
  }
}

async function started(config: KnotConfig, startServer: StartServer, options: StartOptions) {
  try {
    return await startServer(config, options);
  } catch (error) {
    if (options.signal.aborted) return undefined; // Told to stop before it had started: that is a clean end.
    const reason = readable(error);
    const whole = reason.startsWith("Cannot "); // Says itself what was tried.
    throw new CommandFailure(whole ? reason : `Cannot start the server: ${reason}`, "failed", { cause: error });
  }
}
