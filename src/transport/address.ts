import type { Address } from "./transport.ts";

/** A `host:port` address taken apart; `host` is without brackets, and empty for "every interface". */
export type HostPort =
  | { readonly kind: "host"; readonly host: string; readonly port: number }
  /** `srv+name`: hosts and ports are in the name's SRV records (RFC 2782). */
  | { readonly kind: "srv"; readonly name: string };

/** Longest name that DNS can carry (RFC 1035 §2.3.4). */
const NAME_LENGTH_MAX = 253;
const NAME = /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$/;
const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
const IPV6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?$/;

/** Reads `name:port`, `1.2.3.4:port`, `[v6]:port`, `:port` or `srv+name`; undefined when it is none of these. */
export function parseHostPort(address: Address): HostPort | undefined {
  if (address.startsWith("srv+")) {
    const name = address.slice(4);
    return isName(name) ? { kind: "srv", name } : undefined;
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(address);
  if (!match) return undefined;
  const [, bracketed, plain, digits] = match;
  const port = Number(digits);
  if (port > 65535) return undefined;
  if (bracketed !== undefined) return IPV6.test(bracketed) ? { kind: "host", host: bracketed, port } : undefined;
  if (plain !== "" && plain !== "*" && !isName(plain)) return undefined;
  return { kind: "host", host: plain === "*" ? "" : plain, port };
}

/** True for an address that can be dialled as it is: a host and a port, both given. */
export function isHostPort(address: Address): boolean {
  const parsed = parseHostPort(address);
  return parsed?.kind === "host" && parsed.host !== "" && parsed.port !== 0;
}

/** `host:port`, with brackets round IPv6. */
export function formatHostPort(host: string, port: number): Address {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** 4 or 6 for an address literal, 0 for a name. */
export function ipFamily(host: string): 0 | 4 | 6 {
  if (IPV4.test(host)) return 4;
  return IPV6.test(host) ? 6 : 0;
}

/** `1.2.3.4` of `::ffff:1.2.3.4`, as a socket that serves both families reports IPv4 peers (RFC 4291 §2.5.5.2). */
export function withoutV4Mapping(host: string): string {
  const match = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host);
  return match ? match[1] : host;
}

/** True for an address of the websocket transport. */
export function isUrlAddress(address: Address): boolean {
  return /^(wss|https|ws|http):\/\//i.test(address);
}

/** Where a websocket peer's cluster route is. */
export interface ClusterUrl {
  /** Asked for the challenge, `http:` or `https:`. */
  readonly http: URL;
  /** Opened as a websocket, `ws:` or `wss:`. */
  readonly websocket: URL;
  /** The connection is encrypted by TLS. */
  readonly tls: boolean;
}

/**
 * The `/cluster` route of a peer, below the path of its address: `wss://host/knot` → `wss://host/knot/cluster`.
 * Undefined when the address is no such URL, or carries a query, a fragment or a password, which it has no use for.
 */
export function clusterUrl(address: Address): ClusterUrl | undefined {
  if (!isUrlAddress(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") return undefined;
  const tls = url.protocol === "wss:" || url.protocol === "https:";
  const path = `${url.pathname.replace(/\/+$/, "")}/cluster`;
  return {
    http: new URL(`${tls ? "https" : "http"}://${url.host}${path}`),
    websocket: new URL(`${tls ? "wss" : "ws"}://${url.host}${path}`),
    tls,
  };
}

function isName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && NAME.test(text);
}
