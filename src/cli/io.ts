import type { Environment, ReadFile } from "../config/mod.ts";

/** Everything a command touches outside itself, so that tests can run commands without a process. */
export interface Io {
  readonly env: Environment;
  readonly cwd: string;
  readonly home: string | undefined;
  readonly readFile: ReadFile;
  /** Writes all of `text` before it returns; a reader that has gone away is no error. */
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether a person reads standard output, and types at standard input. */
  readonly stdoutIsTerminal: boolean;
  readonly stdinIsTerminal: boolean;
  /** The first line of standard input, without its end; undefined at the end of input. */
  readonly readLine: () => Promise<string | undefined>;
  /** Asks at the terminal without showing what is typed; undefined when cancelled (Ctrl-C, Ctrl-D). */
  readonly readSecret: (prompt: string) => Promise<string | undefined>;
  /** Hears each request to stop (SIGINT, SIGTERM). Returns what unsubscribes. */
  readonly onStopSignal: (listener: () => void) => () => void;
  /** Hears each request to read the configuration anew (SIGHUP). Returns what unsubscribes. */
  readonly onReloadSignal: (listener: () => void) => () => void;
  /** Hears of errors that nobody caught, which then do not end the process. Returns what unsubscribes. */
  readonly onStrayError: (listener: (error: unknown) => void) => () => void;
  /** Ends the process at once. */
  readonly exitNow: (code: number) => void;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  readonly fetch: (url: string, init: FetchInit) => Promise<Response>;
}

/** A request that trusts `caCerts` (PEM) besides the public authorities. */
export interface FetchInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly caCerts?: readonly string[];
  readonly timeoutMs: number;
}
