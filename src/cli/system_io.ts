import { systemClock } from "../base/mod.ts";
import type { FetchInit, Io } from "./io.ts";
import { readFirstLine, readSecret } from "./terminal.ts";

/** This process: its streams, environment, signals and network. */
export function systemIo(): Io {
  return {
    env: Deno.env.toObject(),
    cwd: workingFolder(),
    home: Deno.env.get("HOME") || Deno.env.get("USERPROFILE") || undefined,
    readFile: (path) => Deno.readTextFileSync(path),
    stdout: (text) => writeAll(Deno.stdout, text),
    stderr: (text) => writeAll(Deno.stderr, text),
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    stdinIsTerminal: Deno.stdin.isTerminal(),
    readLine: () => readFirstLine(Deno.stdin),
    readSecret: (prompt) => readSecret(prompt, { input: Deno.stdin, write: (text) => writeAll(Deno.stderr, text) }),
    onStopSignal,
    onReloadSignal,
    onStrayError,
    exitNow: (code) => Deno.exit(code),
    nowMs: systemClock.wallMs,
    fetch: fetchOnce,
  };
}

/** A folder that was removed under the shell has no name any more: then only absolute paths work. */
function workingFolder(): string {
  try {
    return Deno.cwd();
  } catch {
    return "/";
  }
}

/** Synchronous, so that everything is out before the process ends. */
function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // `knot … | head` has read enough.
  }
}

function onStopSignal(listener: () => void): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, listener);
  };
}

function onReloadSignal(listener: () => void): () => void {
  if (Deno.build.os === "windows") return () => {}; // There it means that the window was closed.
  Deno.addSignalListener("SIGHUP", listener);
  return () => Deno.removeSignalListener("SIGHUP", listener);
}

function onStrayError(listener: (error: unknown) => void): () => void {
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    listener(event.error);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    listener(event.reason);
  };
  globalThis.addEventListener("error", onError);
  globalThis.addEventListener("unhandledrejection", onRejection);
  return () => {
    globalThis.removeEventListener("error", onError);
    globalThis.removeEventListener("unhandledrejection", onRejection);
  };
}

async function fetchOnce(url: string, { headers, caCerts, timeoutMs }: FetchInit): Promise<Response> {
  const client = Deno.createHttpClient({ caCerts: [...caCerts ?? []], poolMaxIdlePerHost: 0 });
  try {
    const response = await fetch(url, { headers, client, signal: AbortSignal.timeout(timeoutMs) });
    return new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
  } finally {
    client.close();
  }
}
