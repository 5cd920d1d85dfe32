import { formatHostPort, type HostPort, parseHostPort } from "./address.ts";
import type { Address } from "./transport.ts";

/** How often a free port is looked for that both TCP and UDP can have. */
const FREE_PORT_ATTEMPTS_MAX = 20;

/** What to listen on: literals or names, and one port, 0 for a free one. */
export interface BindPlan {
  readonly hosts: readonly string[];
  readonly port: number;
}

/** Sockets of one port. More than one of each where IPv4 and IPv6 are bound apart. */
export interface BoundSockets {
  readonly port: number;
  readonly listeners: readonly Deno.TcpListener[];
  readonly datagrams: readonly Deno.DatagramConn[];
}

/**
 * Where to listen: `bindAddr`, or, when that is empty, the advertised port on every interface, IPv6 first, since such
 * a socket mostly serves IPv4 too.
 *
 * @throws when an address cannot be read, or nothing names a port
 */
export function bindPlan(options: { readonly advertiseAddr: Address; readonly bindAddr: Address }): BindPlan {
  const everywhere = ["::", "0.0.0.0"];
  if (options.bindAddr !== "") {
    const { host, port } = hostOf("server.cluster.bind_addr", options.bindAddr);
    return { hosts: host === "" ? everywhere : [host], port };
  }
  return { hosts: everywhere, port: hostOf("server.cluster.advertise_addr", options.advertiseAddr).port };
}

function hostOf(key: string, address: Address): HostPort & { kind: "host" } {
  const parsed = parseHostPort(address);
  if (!parsed) throw new Error(`Cannot listen on "${address}": ${key} must be host:port, like 10.0.0.7:3100`);
  if (parsed.kind === "srv") {
    throw new Error(`Cannot listen on "${address}": it names no port, set server.cluster.bind_addr to host:port`);
  }
  return parsed;
}

/**
 * Binds TCP and UDP to the same port on all hosts of the plan. On a machine without IPv6, or where the IPv6 socket
 * serves both families, one host is enough.
 *
 * @throws when a host cannot be bound; the message names it
 */
export function bindSockets(plan: BindPlan): BoundSockets {
  for (let attempt = 1;; attempt++) {
    try {
      return bindOnce(plan);
    } catch (error) { // Port 0: what TCP was given, UDP may not have. The next one will do.
      const clash = error instanceof Error && error.cause instanceof Deno.errors.AddrInUse;
      if (!clash || plan.port !== 0 || attempt === FREE_PORT_ATTEMPTS_MAX) throw error;
    }
  }
}

function bindOnce({ hosts, port }: BindPlan): BoundSockets {
  const listeners: Deno.TcpListener[] = [];
  const datagrams: Deno.DatagramConn[] = [];
  const failures: Error[] = [];
  for (const hostname of hosts) {
    let listener: Deno.TcpListener | undefined;
    try {
      listener = Deno.listen({ hostname, port });
      const bound = (listener.addr as Deno.NetAddr).port;
      datagrams.push(Deno.listenDatagram({ transport: "udp", hostname, port: bound }));
      listeners.push(listener);
      port = bound;
    } catch (cause) {
      listener?.close();
      failures.push(bindError(hostname, port, cause));
    }
  }
  if (listeners.length === 0) throw failures[0];
  return { port, listeners, datagrams };
}

function bindError(host: string, port: number, cause: unknown): Error {
  const why = cause instanceof Deno.errors.AddrInUse
    ? "another program uses this port (TCP or UDP); stop it, or set server.cluster.bind_addr to another one"
    : cause instanceof Deno.errors.AddrNotAvailable
    ? "this machine does not have this address; set server.cluster.bind_addr to one it has"
    : cause instanceof Deno.errors.PermissionDenied
    ? "ports below 1024 need the privilege CAP_NET_BIND_SERVICE"
    : String(cause instanceof Error ? cause.message : cause);
  return new Error(`Cannot listen on "${formatHostPort(host, port)}": ${why}`, { cause });
}
