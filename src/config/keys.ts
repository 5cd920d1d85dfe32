import { z } from "zod";
import { bindProblem, clusterAddressProblem, urlProblem } from "./address.ts";
import { checkedText, choice, integer, list, text, toggle } from "./value.ts";

/** How one key is checked, and what it is called outside the file. */
export interface KeyDefinition {
  readonly schema: z.ZodType;
  /** How text from a flag or the environment is read. */
  readonly form: "text" | "integer" | "boolean" | "list";
  /** Flag without its dashes. */
  readonly flag: string;
  /** Letter of the short flag, where there is one. */
  readonly short?: string;
  readonly environment: string;
  /** Stands for the value in `--help`. */
  readonly placeholder: string;
  /** One line for `--help`, without full stop. */
  readonly help: string;
  /** Never shown in a message. */
  readonly secret?: true;
  /** Other full names under which a file may have it. */
  readonly aliases?: readonly string[];
}

/** Peers are only the way in; members are discovered from there. More than this is a mistake in the file. */
const PEERS_MAX = 1000;
/** 100 years: whoever wants more wants "for ever". */
const AUDIT_RETENTION_DAYS_MAX = 36_500;
/** Codes of 30 s to either side: more than 5 minutes would make a stolen code useful. */
const TOTP_WINDOW_MAX = 10;

/** Letters and digits of a cluster key: 190 bits, which nobody guesses. */
export const CLUSTER_KEY_LENGTH = 32;

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error"] as const;

/** Every key of the configuration file, by its full name. */
export const KEYS = {
  "server.listen": {
    schema: checkedText((value) => bindProblem(value, 0)),
    form: "text",
    flag: "listen",
    short: "l",
    environment: "KNOT_LISTEN",
    placeholder: "ADDRESS",
    help: "address and port of pages and API (default :3000)",
  },
  "server.url": {
    schema: checkedText((value) => value === "" ? undefined : urlProblem(value, ["http:", "https:"])),
    form: "text",
    flag: "url",
    short: "u",
    environment: "KNOT_URL",
    placeholder: "URL",
    help: "where people reach this server (default http://127.0.0.1:3000)",
  },
  "server.zone": {
    schema: text({ lengthMax: 64 }).refine((value) => !value.startsWith("!"), { error: 'not start with "!"' }),
    form: "text",
    flag: "zone",
    environment: "KNOT_ZONE",
    placeholder: "NAME",
    help: "name of the place this server stands in (default the hostname)",
  },
  "server.hostname": {
    schema: text({ lengthMax: 253 }),
    form: "text",
    flag: "hostname",
    environment: "KNOT_HOSTNAME",
    placeholder: "NAME",
    help: "name of this machine (default the system's)",
  },
  "server.encrypt": {
    schema: z.string({ error: "be text in quotes" })
      .refine((value) => value === "" || [...value].length === 32, { error: 'have 32 characters (run "knot genkey")' }),
    form: "text",
    flag: "encrypt",
    environment: "KNOT_ENCRYPT",
    placeholder: "KEY",
    help: "32 characters that seal stored secrets",
    secret: true,
  },
  "server.timezone": {
    schema: checkedText((value) => isTimezone(value) ? undefined : 'be an IANA time zone, such as "Europe/London"'),
    form: "text",
    flag: "timezone",
    environment: "KNOT_TIMEZONE",
    placeholder: "ZONE",
    help: "IANA time zone of people who chose none (default the system's)",
  },
  "server.audit_retention": {
    schema: integer({ min: 1, max: AUDIT_RETENTION_DAYS_MAX, unit: "days" }),
    form: "integer",
    flag: "audit-retention",
    environment: "KNOT_AUDIT_RETENTION",
    placeholder: "DAYS",
    help: "days the audit log is kept (default 90)",
  },
  "server.auth_ip_rate_limiting": {
    schema: toggle(),
    form: "boolean",
    flag: "auth-ip-rate-limiting",
    environment: "KNOT_AUTH_IP_RATE_LIMITING",
    placeholder: "true|false",
    help: "slow down sign-in attempts from one address (default true)",
  },
  "server.data_dir": {
    schema: text({ lengthMin: 1 }),
    form: "text",
    flag: "data-dir",
    environment: "KNOT_DATA_DIR",
    placeholder: "FOLDER",
    help: "folder of the database (default ./knot-data)",
  },
  "server.cluster.key": {
    schema: z.string({ error: "be text in quotes" }).refine((value) => value === "" || isClusterKey(value), {
      error: `be ${CLUSTER_KEY_LENGTH} letters and digits (run "knot genkey")`,
    }),
    form: "text",
    flag: "cluster-key",
    environment: "KNOT_CLUSTER_KEY",
    placeholder: "KEY",
    help: "key that all servers of the cluster share, from knot genkey",
    secret: true,
  },
  "server.cluster.advertise_addr": {
    schema: checkedText((value) => value === "" ? undefined : clusterAddressProblem(value)),
    form: "text",
    flag: "cluster-advertise-addr",
    environment: "KNOT_CLUSTER_ADVERTISE_ADDR",
    placeholder: "ADDRESS",
    help: "where other servers find this one: host:port or wss://host/; turns cluster mode on",
  },
  "server.cluster.bind_addr": {
    schema: checkedText((value) => value === "" ? undefined : bindProblem(value, 1)),
    form: "text",
    flag: "cluster-bind-addr",
    environment: "KNOT_CLUSTER_BIND_ADDR",
    placeholder: "ADDRESS",
    help: "address and port of UDP and TCP (default the advertised port on every address)",
  },
  "server.cluster.peers": {
    schema: list(checkedText(clusterAddressProblem), { lengthMax: PEERS_MAX }),
    form: "list",
    flag: "cluster-peer",
    environment: "KNOT_CLUSTER_PEERS",
    placeholder: "ADDRESS",
    help: "server to join through; repeat the flag for more",
  },
  "server.cluster.compression": {
    schema: toggle(),
    form: "boolean",
    flag: "cluster-compression",
    environment: "KNOT_CLUSTER_COMPRESSION",
    placeholder: "true|false",
    help: "compress what servers send each other (default true)",
  },
  "server.cluster.tcp_only": {
    schema: toggle(),
    form: "boolean",
    flag: "cluster-tcp-only",
    environment: "KNOT_CLUSTER_TCP_ONLY",
    placeholder: "true|false",
    help: "never use UDP between servers (default false)",
  },
  "server.tls.cert_file": {
    schema: text(),
    form: "text",
    flag: "cert-file",
    environment: "KNOT_CERT_FILE",
    placeholder: "FILE",
    help: "certificate chain in PEM; turns TLS on",
  },
  "server.tls.key_file": {
    schema: text(),
    form: "text",
    flag: "key-file",
    environment: "KNOT_KEY_FILE",
    placeholder: "FILE",
    help: "private key of the certificate in PEM",
  },
  "server.tls.ca_file": {
    schema: text(),
    form: "text",
    flag: "ca-file",
    environment: "KNOT_CA_FILE",
    placeholder: "FILE",
    help: "certificates in PEM of a private authority to trust besides the public ones",
    aliases: ["tls.ca_file"],
  },
  "tls.skip_verify": {
    schema: toggle(),
    form: "boolean",
    flag: "tls-skip-verify",
    environment: "KNOT_TLS_SKIP_VERIFY",
    placeholder: "true|false",
    help: "accept any certificate from other servers (default false; unsafe)",
    aliases: ["server.tls.skip_verify"],
  },
  "server.totp.enabled": {
    schema: toggle(),
    form: "boolean",
    flag: "enable-totp",
    environment: "KNOT_ENABLE_TOTP",
    placeholder: "true|false",
    help: "ask for one-time codes at sign-in (default false)",
  },
  "server.totp.window": {
    schema: integer({ min: 0, max: TOTP_WINDOW_MAX, unit: "codes" }),
    form: "integer",
    flag: "totp-window",
    environment: "KNOT_TOTP_WINDOW",
    placeholder: "CODES",
    help: "one-time codes accepted before and after the current one (default 1)",
  },
  "server.totp.issuer": {
    schema: text({ lengthMin: 1, lengthMax: 64 })
      .refine((value) => !value.includes(":"), { error: "have no colon (authenticator apps split there)" }),
    form: "text",
    flag: "totp-issuer",
    environment: "KNOT_TOTP_ISSUER",
    placeholder: "NAME",
    help: "name shown in authenticator apps (default Knot)",
  },
  "log.level": {
    schema: choice(LOG_LEVELS),
    form: "text",
    flag: "log-level",
    environment: "KNOT_LOGLEVEL",
    placeholder: "LEVEL",
    help: "trace, debug, info, warn or error (default info)",
  },
  "log.format": {
    schema: choice(["text", "json"]),
    form: "text",
    flag: "log-format",
    environment: "KNOT_LOG_FORMAT",
    placeholder: "FORMAT",
    help: "text or json (default text)",
  },
} as const satisfies Record<string, KeyDefinition>;

/** Full name of a key, such as `server.cluster.key`. */
export type Key = keyof typeof KEYS;

/** The checked values of all keys. */
export type Values = { -readonly [Name in Key]: z.output<(typeof KEYS)[Name]["schema"]> };

/** All full names, in the order of the example file. */
export const KEY_NAMES = Object.keys(KEYS) as readonly Key[];

/** What is known about `key`. */
export function definitionOf(key: Key): KeyDefinition {
  return KEYS[key];
}

/** The key that a file calls `name`, aliases included. */
export function keyNamed(name: string): Key | undefined {
  return KEY_NAMES.find((key) => key === name || definitionOf(key).aliases?.includes(name));
}

/** True where `name` is a section that has keys of ours, such as `server.cluster`. */
export function isSection(name: string): boolean {
  return KEY_NAMES.some((key) => key.startsWith(`${name}.`));
}

function isClusterKey(value: string): boolean {
  return value.length === CLUSTER_KEY_LENGTH && /^[A-Za-z0-9]+$/.test(value);
}

/** '' stands for the system's zone. Offsets such as `+05:00` are refused: they know no summer time. */
function isTimezone(value: string): boolean {
  if (value === "") return true;
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
