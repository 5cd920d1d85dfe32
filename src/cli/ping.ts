import { resolve } from "node:path";
import { Command } from "commander";
import { CommandFailure, readable } from "./failure.ts";
import type { Io } from "./io.ts";
import { addConfigOptions, readConfig } from "./settings.ts";

/** Longer than any server that works takes. */
const ANSWER_TIMEOUT_MS = 10_000;

interface PingOptions {
  readonly server?: string;
  readonly token?: string;
}

/** `knot ping`: whether a server is healthy, and with a token its version and zone. */
export function pingCommand(io: Io): Command {
  const command = new Command("ping")
    .description("ask a running server whether it is healthy")
    .option("-s, --server <URL>", "server to ask (default: server.url of the configuration) [KNOT_SERVER]")
    .option("-t, --token <TOKEN>", "API token, to also show version and zone [KNOT_TOKEN]")
    .addHelpText("after", "\nExamples:\n  knot ping\n  knot ping --server https://knot1.example.com");
  addConfigOptions(command, ["server.tls.ca_file"]);
  return command.action(async (options: PingOptions) => {
    const { config } = readConfig(command, io);
    const server = (options.server ?? (io.env.KNOT_SERVER || config.server.url)).replace(/\/+$/, "");
    const token = options.token ?? io.env.KNOT_TOKEN;
    const { caFile } = config.server.tls;
    const ask = asker(io, server, caFile === "" ? [] : [io.readFile(resolve(io.cwd, caFile))]);
    await ask("/healthz");
    const about = token ? aboutOf(await ask("/api/ping", token)) : "";
    io.stdout(`${server} is healthy\n${about}`);
  });
}

function asker(io: Io, server: string, caCerts: readonly string[]) {
  return async (path: string, token?: string): Promise<string> => {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await attempted(
      server,
      () => io.fetch(`${server}${path}`, { headers, caCerts, timeoutMs: ANSWER_TIMEOUT_MS }),
    );
    if (response.status === 401) throw new CommandFailure(`${server} does not accept the token`);
    if (!response.ok) throw new CommandFailure(`${server} is not healthy: ${path} answered ${response.status}`);
    return await response.text();
  };
}

async function attempted(server: string, request: () => Promise<Response>): Promise<Response> {
  if (!/^https?:\/\//i.test(server) || !URL.canParse(server)) {
    throw new CommandFailure(`Cannot ask "${server}": must be a URL that starts with http:// or https://`, "usage");
  }
  try {
    return await request();
  } catch (error) {
    const cause = causeOf(error);
    const hint = /^http:/i.test(server) && /invalid HTTP version/i.test(cause) ? " (does it want https://?)" : "";
    throw new CommandFailure(`Cannot reach ${server}: ${cause}${hint}`, "failed", { cause: error });
  }
}

/** The runtime tells the cause last, behind a chain of layers. */
function causeOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`;
  }
  const message = readable(error);
  if (message.includes("UnknownIssuer")) {
    return "its certificate comes from an unknown authority (add it with --ca-file)";
  }
  return message.split(": ").at(-1)!;
}

function aboutOf(body: string): string {
  try {
    const { version, zone } = JSON.parse(body) as Record<string, unknown>;
    return `Version: ${oneLine(version)}\nZone: ${oneLine(zone)}\n`;
  } catch {
    throw new CommandFailure("The server's answer to /api/ping is not JSON: is it a knot server?");
  }
}

function oneLine(value: unknown): string {
  // deno-lint-ignore no-control-regex -- the answer comes from outside
  return String(value ?? "?").slice(0, 200).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
