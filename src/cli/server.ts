import { Command } from "commander";
import { configureLog, logger } from "../base/mod.ts";
import type { KnotConfig } from "../config/mod.ts";
import { CommandFailure, EXIT, readable } from "./failure.ts";
import type { Io } from "./io.ts";
import { addConfigOptions, printWarnings, readConfig } from "./settings.ts";

/** A server that runs in this process. */
export interface RunningServer {
  readonly url: string;
  /** Resolves with the exit code when the server has stopped, for whatever reason. */
  readonly finished: Promise<number>;
  /** Stops gracefully; repeated calls wait for the same end. */
  stop(): Promise<void>;
}

/** Starts a server in this process; `signal` ends an unfinished start. */
export type StartServer = (config: KnotConfig, options: { signal: AbortSignal }) => Promise<RunningServer>;

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
    .addHelpText("after", EXAMPLES);
  return addConfigOptions(command).action(async () => {
    const { config, warnings } = readConfig(command, io);
    await announce(warnings, config, io);
    life.exitCode = await serve({ config, io, startServer, life });
  });
}

const EXAMPLES = `
Every flag is also a key of knot.toml (see knot scaffold --server) and the variable in [brackets].
A flag beats the variable, the variable beats the file.

Examples:
  knot server
  knot server --listen 127.0.0.1:8080 --data-dir /var/lib/knot
  knot server --cluster-advertise-addr knot1.internal:3100 --cluster-peer knot2.internal:3100`;

/** Whoever reads the log as JSON reads it line by line: there, warnings are log lines. */
async function announce(warnings: readonly string[], config: KnotConfig, io: Io): Promise<void> {
  if (config.log.format === "text") return printWarnings(warnings, io);
  await configureLog({ ...config.log, write: (line) => io.stderr(`${line}\n`) });
  for (const warning of warnings) logger("config").warn("Configuration has a warning", { warning });
}

/** The first signal stops gracefully, also in the middle of the start; the second ends the process at once. */
async function serve({ config, io, startServer, life }: {
  config: KnotConfig;
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
    const running = await started(config, startServer, stopping.signal);
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

async function started(config: KnotConfig, startServer: StartServer, signal: AbortSignal) {
  try {
    return await startServer(config, { signal });
  } catch (error) {
    if (signal.aborted) return undefined; // Told to stop before it had started: that is a clean end.
    const reason = readable(error);
    const whole = reason.startsWith("Cannot "); // Says itself what was tried.
    throw new CommandFailure(whole ? reason : `Cannot start the server: ${reason}`, "failed", { cause: error });
  }
}
