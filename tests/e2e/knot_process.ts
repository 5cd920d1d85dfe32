import { join, resolve } from "node:path";
import settings from "../../deno.json" with { type: "json" };

/** The newest lines that are kept of what a process said, for the report of a failure. */
const LOG_LINES_MAX = 5_000;

const ROOT = join(import.meta.dirname!, "..", "..");

/** What a finished `knot` command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process of the executable, or of the source, is started. */
export interface KnotOptions {
  /** Beside what Deno itself needs; nothing else is passed on from the environment of the tests. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** The executable; default: KNOT_BINARY, and without it the source. */
  readonly binary?: string;
}

/** A running `knot` process and everything that it says, standard output and standard error as they come. */
export class KnotProcess {
  readonly pid: number;
  /** How it ended; resolves after its last line was read. */
  readonly finished: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  #lineCount = 0;
  #ended: Deno.CommandStatus | undefined;

  constructor(args: readonly string[], options: KnotOptions = {}) {
    this.#child = knotCommand(args, { ...options, stdin: "null" }).spawn();
    this.pid = this.#child.pid;
    const read = Promise.all([this.#read(this.#child.stdout), this.#read(this.#child.stderr)]);
    this.finished = this.#child.status.then(async (status) => {
      await read;
      this.#ended = status;
      return status;
    });
  }

  /** How it ended, or undefined while it runs. */
  get ended(): Deno.CommandStatus | undefined {
    return this.#ended;
  }

  /** What it said so far, oldest line first, of which the newest {@link LOG_LINES_MAX} are kept. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** How many lines it said in all. */
  get lineCount(): number {
    return this.#lineCount;
  }

  /** Asks it to stop, or with SIGKILL makes it. A process that has ended is left alone. */
  signal(signal: "SIGTERM" | "SIGINT" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    if (this.#ended === undefined) this.#child.kill(signal);
  }

  /** Memory that is in use and resident, in bytes. Linux only. */
  async residentBytes(): Promise<number> {
    // Deno itself opens /proc only to programs that may do everything.
    const { stdout } = await new Deno.Command("cat", { args: [`/proc/${this.pid}/status`] }).output();
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(new TextDecoder().decode(stdout))![1]) * 1024;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.#keep(lines);
    }
    if (rest !== "") this.#keep([rest]);
  }

  #keep(lines: readonly string[]): void {
    this.#lines.push(...lines);
    this.#lineCount += lines.length;
    this.#lines.splice(0, Math.max(0, this.#lines.length - LOG_LINES_MAX));
  }
}

/** Runs one `knot` command to its end. */
export async function knot(args: readonly string[], options: KnotOptions = {}): Promise<Finished> {
  const { code, stdout, stderr } = await knotCommand(args, { ...options, stdin: "null" }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** How a person starts this `knot` in a terminal, in any folder: the executable, or the source by this very runtime. */
export function knotWords(binary = Deno.env.get("KNOT_BINARY")): string {
  const words = binary ? [resolve(ROOT, binary)] : [Deno.execPath(), ...sourceArguments()];
  return words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

function knotCommand(args: readonly string[], options: KnotOptions & { stdin: "null" }): Deno.Command {
  const { env = {}, stdin, binary = Deno.env.get("KNOT_BINARY") } = options;
  const common = { stdin, stdout: "piped", stderr: "piped", clearEnv: true } as const;
  // The executable must not lean on anything around it: it runs from elsewhere, with an empty environment.
  if (binary) {
    return new Deno.Command(resolve(ROOT, binary), { ...common, args: [...args], env, cwd: options.cwd ?? "/" });
  }
  return new Deno.Command(Deno.execPath(), {
    ...common,
    args: [...sourceArguments(), ...args],
    env: { ...inherited(["PATH", "HOME", "DENO_DIR", "SSL_CERT_FILE", "DENO_TLS_CA_STORE"]), NO_COLOR: "1", ...env },
    cwd: options.cwd ?? ROOT,
  });
}

/** The arguments of the task that starts a server from source, with `main.ts` found from any folder. */
function sourceArguments(): string[] {
  const flags = settings.tasks.start.command.split(" ").filter((word) => word.startsWith("--"));
  return ["run", "--quiet", `--config=${join(ROOT, "deno.json")}`, ...flags, join(ROOT, "main.ts")];
}

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
