import { join, resolve } from "node:path";
import settings from "../../../deno.json" with { type: "json" };
import { ApiClient } from "../api_client.ts";
import { Server, type ServerSettings } from "../server.ts";
import type { Place } from "./lab.ts";

const ROOT = join(import.meta.dirname!, "..", "..", "..");

/** A server in a network namespace: its own address in place of loopback, everything else as {@link Server} has it. */
export class NamespaceServer extends Server {
  readonly place: Place;
  override readonly url: string;
  override readonly api: ApiClient;

  /** `settings.binary` must be what {@link launcher} made for `place`. */
  constructor(settings: ServerSettings, place: Place) {
    super(settings);
    this.place = place;
    this.url = `${settings.certificates === undefined ? "http" : "https"}://${place.address}:${settings.port}`;
    this.api = new ApiClient(this.url, { httpClient: settings.httpClient });
  }

  override toml(): string {
    return super.toml().replaceAll("127.0.0.1", this.place.address);
  }
}

/** `command` as it is started inside of a namespace; it keeps the process id, so that signals reach it. */
export function inNamespace(namespace: string, command: readonly string[]): string[] {
  return ["ip", "netns", "exec", namespace, ...command];
}

/**
 * Writes `file`, an executable that runs `binary` inside of a namespace with the arguments it is given; default: `knot`,
 * what KNOT_BINARY names, else the source. Answers with the path of `file`.
 */
export async function launcher(file: string, namespace: string, binary = Deno.env.get("KNOT_BINARY")): Promise<string> {
  return await launcherThrough(file, inNamespace(namespace, []), binary);
}

/** The same with any command that runs, in its place, the one that follows it. */
export async function launcherThrough(
  file: string,
  through: readonly string[],
  binary = Deno.env.get("KNOT_BINARY"),
): Promise<string> {
  const program = binary ? [resolve(ROOT, binary)] : [Deno.execPath(), ...sourceArguments()];
  // Who starts it gives it an empty environment, as executables must stand; the source needs Deno's folders.
  const names = binary ? ["PATH"] : ["PATH", "HOME", "DENO_DIR", "SSL_CERT_FILE", "DENO_TLS_CA_STORE"];
  const environment = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [`export ${name}=${quoted(value)}`];
  });
  const command = [...through, ...program].map(quoted).join(" ");
  await Deno.writeTextFile(file, ["#!/bin/sh", ...environment, `exec ${command} "$@"`, ""].join("\n"), { mode: 0o700 });
  return file;
}

/** As the task that starts a server from source has them, with the paths found from any folder. */
function sourceArguments(): string[] {
  const flags = settings.tasks.start.command.split(" ").filter((word) => word.startsWith("--"));
  return ["run", "--quiet", `--config=${join(ROOT, "deno.json")}`, ...flags, join(ROOT, "main.ts")];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
