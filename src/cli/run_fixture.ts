import type { KnotConfig } from "../config/mod.ts";
import type { AdminSeats } from "./admin_seat.ts";
import type { Io } from "./io.ts";
import { type Backend, run } from "./run.ts";
import type { RunningServer } from "./server.ts";

/** What a command left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A world without a process: what a test does not give is empty, and nothing runs. */
export interface World {
  readonly io?: Partial<Io>;
  readonly startServer?: Backend["startServer"];
  readonly admin?: Partial<AdminSeats>;
  /** By absolute path; the working folder is `/work`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs one command line in such a world. */
export async function runIn(world: World, ...args: string[]): Promise<Ran> {
  const out: string[] = [], err: string[] = [];
  const io: Io = {
    env: {},
    cwd: "/work",
    home: undefined,
    readFile: (path) => {
      const text = world.files?.[path];
      if (text === undefined) throw new Deno.errors.NotFound("No such file or directory (os error 2)");
      return text;
    },
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    stdoutIsTerminal: false,
    stdinIsTerminal: false,
    readLine: () => Promise.resolve(undefined),
    readSecret: () => Promise.resolve(undefined),
    onStopSignal: () => () => {},
    onReloadSignal: () => () => {},
    onStrayError: () => () => {},
    exitNow: () => {},
    nowMs: () => 0,
    fetch: () => Promise.reject(new TypeError("no network")),
    ...world.io,
  };
  const backend: Backend = {
    startServer: world.startServer ?? (() => Promise.reject(new Error("no server"))),
    admin: {
      connect: () => Promise.resolve(undefined),
      hasData: () => Promise.resolve(true),
      openOffline: () => Promise.reject(new Error("no store")),
      checkOffline: () => Promise.reject(new Error("no store")),
      ...world.admin,
    },
  };
  const code = await run(args, io, backend);
  return { code, stdout: out.join(""), stderr: err.join("") };
}

/** A server that ends with code 0 when it is stopped, or by `finish`. */
export function fakeServer() {
  const finished = Promise.withResolvers<number>();
  const state: { config?: KnotConfig; stops: number } = { stops: 0 };
  const started = Promise.withResolvers<void>();
  const running: RunningServer = {
    url: "http://127.0.0.1:3000",
    finished: finished.promise,
    stop: () => {
      state.stops++;
      finished.resolve(0);
      return Promise.resolve();
    },
  };
  const startServer: Backend["startServer"] = (config) => {
    state.config = config;
    started.resolve();
    return Promise.resolve(running);
  };
  return { state, startServer, started: started.promise, finish: finished.resolve };
}
