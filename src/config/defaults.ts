import { parseHostPort } from "./address.ts";
import type { Values } from "./keys.ts";

/** What the defaults take from the machine. */
export interface Machine {
  readonly hostname: string;
  /** IANA name. */
  readonly timezone: string;
}

/** Longest zone name; a longer hostname is cut when it becomes the zone. */
const ZONE_LENGTH_MAX = 64;

/** Values of the keys that were given nowhere. '' stands for what only {@link completed} can know. */
export const DEFAULTS: Values = {
  "server.listen": ":3000",
  "server.url": "",
  "server.zone": "",
  "server.hostname": "",
  "server.encrypt": "",
  "server.timezone": "",
  "server.audit_retention": 90,
  "server.auth_ip_rate_limiting": true,
  "server.data_dir": "./knot-data",
  "server.cluster.key": "",
  "server.cluster.advertise_addr": "",
  "server.cluster.bind_addr": "",
  "server.cluster.peers": [],
  "server.cluster.compression": true,
  "server.cluster.tcp_only": false,
  "server.tls.cert_file": "",
  "server.tls.key_file": "",
  "server.tls.ca_file": "",
  "tls.skip_verify": false,
  "server.totp.enabled": false,
  "server.totp.window": 1,
  "server.totp.issuer": "Knot",
  "log.level": "info",
  "log.format": "text",
};

/** Fills in what follows from other values or from the machine where it was left empty. */
export function completed(values: Values, machine: Machine): Values {
  const hostname = values["server.hostname"] || machine.hostname;
  return {
    ...values,
    "server.hostname": hostname,
    "server.zone": values["server.zone"] || [...hostname].slice(0, ZONE_LENGTH_MAX).join(""),
    "server.timezone": values["server.timezone"] || machine.timezone,
    "server.url": values["server.url"].replace(/\/+$/, "") || localUrl(values),
  };
}

/** Where a browser on this machine finds the server: `http://127.0.0.1:3000` unless `listen` or TLS say otherwise. */
function localUrl(values: Values): string {
  const listen = parseHostPort(values["server.listen"]);
  const protocol = values["server.tls.cert_file"] === "" ? "http" : "https";
  const any = listen === undefined || ["", "0.0.0.0", "::"].includes(listen.host);
  const host = any ? "127.0.0.1" : listen.host;
  return `${protocol}://${host.includes(":") ? `[${host}]` : host}:${listen?.port ?? 3000}`;
}

/** Hostname and time zone of this machine, with names that work where the system does not tell. */
export function thisMachine(): Machine {
  return { hostname: systemHostname() || "localhost", timezone: systemTimezone() };
}

function systemHostname(): string {
  try {
    return Deno.hostname();
  } catch {
    return ""; // Without the permission to ask.
  }
}

function systemTimezone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}
