import type { KnotConfig } from "./config.ts";

/** How this server speaks with the others: not at all, over UDP and TCP, or over websockets. */
export type ClusterMode = "off" | "host_port" | "websocket";

/** Cluster mode is on exactly where `advertise_addr` is set; its form chooses the transport. */
export function clusterMode(config: KnotConfig): ClusterMode {
  return addressMode(config.server.cluster.advertiseAddr);
}

/** The transport that an address of the cluster belongs to, by its form alone; '' is `off`. */
export function addressMode(address: string): ClusterMode {
  if (address === "") return "off";
  return /^[a-z][a-z0-9.-]*:\/\//i.test(address) ? "websocket" : "host_port";
}

/** `host` has no brackets and is '' where it was left out (`:3000`). */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Takes `host:port`, `:port` and `[IPv6]:port` apart; undefined where the form is none of them. The port is not checked. */
export function parseHostPort(address: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]*)):(\d{1,6})$/i.exec(address);
  if (match === null) return undefined;
  const [, inBrackets, plain, port] = match;
  const valid = inBrackets === undefined ? plain === "" || isHostName(plain) : isIpv6(inBrackets);
  return valid ? { host: inBrackets ?? plain, port: Number(port) } : undefined;
}

/** True for a host that stands for every address of this machine: good to bind to, useless to be found at. */
export function isUnspecified(host: string): boolean {
  return host === "" || host === "0.0.0.0" || /^[0:]+$/.test(host);
}

/**
 * Why `address` cannot be bound to, as the end of "… must"; undefined where it can.
 * `portMin` is 0 where a free port may be taken, else 1.
 */
export function bindProblem(address: string, portMin: 0 | 1): string | undefined {
  const parsed = parseHostPort(address);
  if (parsed === undefined) return `be "host:port" or ":port"${formHint(address) || ', such as ":3000"'}`;
  if (parsed.port < portMin || parsed.port > 65535) return `have a port from ${portMin} to 65535`;
}

/**
 * Why `address` is none where a server of the cluster can be found, as the end of "… must"; undefined where it is.
 * `srv+name` stands for SRV records and needs no port.
 */
export function clusterAddressProblem(address: string): string | undefined {
  if (addressMode(address) === "websocket") return urlProblem(address, ["wss:", "https:", "ws:", "http:"]);
  if (address.startsWith("srv+") && isHostName(address.slice(4))) return undefined;
  const parsed = parseHostPort(address);
  if (parsed === undefined) return `be "host:port" or a URL such as "wss://knot1.example.com/"${formHint(address)}`;
  if (parsed.port < 1 || parsed.port > 65535) return "have a port from 1 to 65535";
  if (isUnspecified(parsed.host)) return "name a host that other servers can reach";
}

/** Why `address` is no URL of one of `protocols`, as the end of "… must"; undefined where it is. */
export function urlProblem(address: string, protocols: readonly string[]): string | undefined {
  const url = URL.parse(address);
  const forms = protocols.map((protocol) => `${protocol}//`);
  const known = forms.some((form) => address.toLowerCase().startsWith(form));
  if (!known) return `start with ${forms.join(" or ")}`;
  if (url === null) return "be a whole URL: host, and where needed a port up to 65535";
  if (url.username !== "" || url.password !== "") return "have no user and no password in it";
  if (url.search !== "" || url.hash !== "") return "end with the path, without ? and #";
  if (url.port === "0") return "have a port from 1 to 65535";
  if (isUnspecified(url.hostname.replace(/^\[|\]$/g, ""))) return "name a host that others can reach";
}

function formHint(address: string): string {
  if (/^\d+$/.test(address)) return ` (perhaps ":${address}")`;
  if (/^[^[\]]*:[^[\]]*:/.test(address)) return ' (IPv6 goes in brackets: "[::1]:3000")';
  return "";
}

function isHostName(name: string): boolean {
  if (/^[\d.]+$/.test(name)) return isIpv4(name);
  const host = name.replace(/\.$/, ""); // A fully qualified name may end with the root's dot.
  return host.length <= 253 && host.split(".").every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
}

function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function isIpv6(host: string): boolean {
  return URL.canParse(`http://[${host}]/`);
}
