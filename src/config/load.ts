import { z } from "zod";
import { checkTogether } from "./check.ts";
import type { KnotConfig } from "./config.ts";
import { completed, DEFAULTS, type Machine, thisMachine } from "./defaults.ts";
import { readConfigFile, type ReadFile } from "./file_source.ts";
import { type Given, shown } from "./given.ts";
import { definitionOf, type Key, KEY_NAMES, type Values } from "./keys.ts";
import { type Environment, type Flags, readEnvironment, readFlags } from "./text_sources.ts";

/** Everything that configuration is read from. */
export interface Sources {
  /** By long name without dashes; `config` names the file. */
  readonly flags: Flags;
  readonly env: Environment;
  /** Folder that relative file names start from, and the first in which `knot.toml` is looked for. */
  readonly cwd: string;
  readonly home: string | undefined;
  readonly readFile: ReadFile;
  /** Hostname and time zone for the defaults; this machine's where left out. */
  readonly machine?: Machine;
}

/** Lines are ready to be printed one by one; none holds a secret. */
export type Loaded =
  | {
    readonly kind: "loaded";
    readonly config: KnotConfig;
    /** The file that was read; absent where none was found. */
    readonly file?: string;
    readonly warnings: readonly string[];
  }
  | { readonly kind: "invalid"; readonly problems: readonly string[]; readonly warnings: readonly string[] };

/** Reads file, environment and flags (the latter beat the former), and reports all problems at once. */
export function loadConfig(sources: Sources): Loaded {
  const { flags, env, cwd, home, readFile, machine = thisMachine() } = sources;
  const named = typeof flags.config === "string" ? flags.config : env.KNOT_CONFIG || undefined;
  const file = readConfigFile({ named, cwd, home, readFile });
  const readings = [file, readEnvironment(env), readFlags(flags)];
  const problems = readings.flatMap((reading) => reading.problems);
  const warnings = readings.flatMap((reading) => reading.warnings);

  const given = lastOfEach(readings.flatMap((reading) => reading.given));
  const checked = checkEach(given);
  problems.push(...checked.problems);
  warnings.push(...checked.warnings);
  if (!file.unreadable) { // Else whatever the file may have set would be reported as missing.
    const name = (key: Key) => given.has(key) ? `${given.get(key)!.origin}: ${key}` : key;
    const found = checkTogether({ values: checked.values, invalid: checked.invalid, name, cwd, readFile });
    problems.push(...found.problems);
    warnings.push(...found.warnings);
  }
  if (problems.length > 0) return { kind: "invalid", problems: inOrder(problems), warnings: inOrder(warnings) };
  return {
    kind: "loaded",
    config: toConfig(completed(checked.values, machine)),
    file: file.file,
    warnings: inOrder(warnings),
  };
}

/** As people go through a file: by line; what is about no line comes last. */
function inOrder(messages: readonly string[]): string[] {
  const line = (message: string) => Number(/^[^"]*?:(\d+):/.exec(message)?.[1] ?? Infinity);
  return messages.toSorted((a, b) => line(a) === line(b) ? 0 : line(a) - line(b));
}

/** Sources come in rising order of precedence. Only the value that counts is checked: the others have no effect. */
function lastOfEach(given: readonly Given[]): ReadonlyMap<Key, Given> {
  return new Map(given.map((one) => [one.key, one]));
}

function checkEach(given: ReadonlyMap<Key, Given>) {
  const accepted: Partial<Record<Key, unknown>> = {};
  const invalid = new Set<Key>();
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const key of KEY_NAMES) {
    const one = given.get(key);
    if (one === undefined) continue;
    const { value, warning } = translated(one);
    if (warning !== undefined) warnings.push(warning);
    const result = definitionOf(key).schema.safeParse(value);
    if (result.success) accepted[key] = result.data;
    else {
      invalid.add(key);
      if (Array.isArray(value) && definitionOf(key).form === "list") accepted[key] = validEntries(value, result.error);
      problems.push(...issueLines(one, result.error));
    }
  }
  // Each value came from the schema of its own key, which is what Values is made of.
  const values = { ...DEFAULTS, ...accepted } as Values;
  return { values, invalid, problems, warnings };
}

/** One bad peer must not hide that another one uses the wrong transport. */
function validEntries(value: readonly unknown[], error: z.ZodError): unknown[] {
  const bad = new Set(error.issues.map((issue) => issue.path[0]));
  return value.filter((_, index) => !bad.has(index));
}

/** The original has two levels above `error` that say nothing more. */
function translated({ key, value, origin }: Given): { value: unknown; warning?: string } {
  if (key !== "log.level" || (value !== "fatal" && value !== "panic")) return { value };
  return { value: "error", warning: `${origin}: log.level ${shown(value)} is taken as "error"` };
}

function issueLines(one: Given, error: z.ZodError): string[] {
  const { key, value, origin } = one;
  return error.issues.map((issue) => {
    const place = issue.path.map((step) => typeof step === "number" ? `[${step + 1}]` : `.${String(step)}`).join("");
    return `${origin}: ${key}${place} must ${issue.message}${notThis(one, valueAt(value, issue.path))}`;
  });
}

function characters(count: number): string {
  return count === 1 ? "1 character" : `${count} characters`;
}

function notThis({ key, origin }: Given, value: unknown): string {
  const { secret, form } = definitionOf(key);
  if (secret) return typeof value === "string" ? `; this one has ${characters([...value].length)}` : "";
  // In a file a number in quotes is the mistake; on the command line everything is text.
  const quoted = typeof value === "string" && (form === "integer" || form === "boolean") && /:\d+$/.test(origin);
  return `, not ${quoted ? "the text " : ""}${shown(redacted(value))}`;
}

/** A password inside a URL is none of the log's business. */
function redacted(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/^([a-z.+-]+:\/*)[^/]*@/i, "$1…@") : value;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => Array.isArray(at) && typeof step === "number" ? at[step] : at, value);
}

function toConfig(values: Values): KnotConfig {
  return {
    server: {
      listen: values["server.listen"],
      url: values["server.url"],
      zone: values["server.zone"],
      hostname: values["server.hostname"],
      encrypt: values["server.encrypt"],
      timezone: values["server.timezone"],
      auditRetentionDays: values["server.audit_retention"],
      authIpRateLimiting: values["server.auth_ip_rate_limiting"],
      dataDir: values["server.data_dir"],
      cluster: {
        key: values["server.cluster.key"],
        advertiseAddr: values["server.cluster.advertise_addr"],
        bindAddr: values["server.cluster.bind_addr"],
        peers: values["server.cluster.peers"],
        compression: values["server.cluster.compression"],
        tcpOnly: values["server.cluster.tcp_only"],
      },
      tls: {
        certFile: values["server.tls.cert_file"],
        keyFile: values["server.tls.key_file"],
        caFile: values["server.tls.ca_file"],
        skipVerify: values["tls.skip_verify"],
      },
      totp: {
        enabled: values["server.totp.enabled"],
        window: values["server.totp.window"],
        issuer: values["server.totp.issuer"],
      },
    },
    log: { level: values["log.level"], format: values["log.format"] },
  };
}
