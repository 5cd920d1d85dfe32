import type { Context, Handler } from "hono";
import { getConnInfo } from "hono/deno";
import type { Clock, Logger } from "../base/mod.ts";
import { formatHostPort, withoutV4Mapping } from "./address.ts";
import { type Admission, CHALLENGE_PROTOCOL, SUBPROTOCOL } from "./admission.ts";
import { strangerLog } from "./stranger_log.ts";
import type { StrangerPlace, Strangers } from "./strangers.ts";

/** A websocket takes pings of the runtime at half this time, in s, and is closed when none is answered. */
const IDLE_TIMEOUT_S = 30;

/** What the route needs of its transport. */
export interface ClusterRouteOptions {
  readonly admission: Admission;
  readonly strangers: Strangers;
  readonly clock: Clock;
  readonly log: Logger;
  /** True between start and disposal. */
  serving(): boolean;
  /** Takes over an upgraded socket, which is not open yet. The answer closes it when a stranger's time is up. */
  upgraded(socket: WebSocket, remote: string, place: StrangerPlace): (reason: string) => void;
}

/**
 * GET /cluster: the challenge, and with `Upgrade: websocket` and a response to it, the stream. Refusals are JSON
 * `{error}`: 403 without a proof of our key (with the `verdict` on it), 400 for what is no upgrade, 429 and 503 where there is no room.
 */
export function clusterRoute(options: ClusterRouteOptions): Handler {
  const log = strangerLog(options);

  /** Why these subprotocols do not admit, or undefined when they do. */
  function refusal(offered: readonly string[], host: string): { error: string; verdict: string } | undefined {
    const [protocol, response] = offered;
    const verdict = protocol === SUBPROTOCOL && response !== undefined ? options.admission.check(response) : "garbage";
    switch (verdict) {
      case "accepted":
        return undefined;
      case "other_key":
        log.warn("Turned away a server that has another cluster key", { remote: host }, host);
        return { verdict, error: "The cluster key differs: server.cluster.key must be the same on all servers" };
      case "expired":
        return { verdict, error: "The challenge has expired: ask for a new one" };
      case "garbage": {
        log.warn("Turned away a cluster connection without a valid proof", { remote: host }, host);
        const wanted = `"${SUBPROTOCOL}" and a response to the challenge`;
        return { verdict, error: `A cluster connection needs the subprotocols ${wanted}` };
      }
    }
  }

  function upgrade(c: Context, host: string, remote: string): Response {
    let drop: ((reason: string) => void) | undefined;
    const place = options.strangers.enter(host, (reason) => drop?.(reason));
    if (!place) return c.json({ error: "Too many connections from this address have not proved the cluster key" }, 429);
    try {
      const { socket, response } = Deno.upgradeWebSocket(c.req.raw, {
        protocol: SUBPROTOCOL,
        idleTimeout: IDLE_TIMEOUT_S,
      });
      drop = options.upgraded(socket, remote, place);
      return response;
    } catch (error) {
      place.leave();
      options.log.debug("Cannot upgrade a cluster connection", { remote, error: String(error) });
      return c.json({ error: "This is not a valid websocket upgrade" }, 400);
    }
  }

  return (c) => {
    const { host, remote } = remoteOf(c);
    if (!options.serving()) return c.json({ error: "The cluster is not running on this server just now" }, 503);
    const offered = offeredProtocols(c.req.header("sec-websocket-protocol"));
    const wantsUpgrade = c.req.header("upgrade")?.toLowerCase() === "websocket";
    // A client cannot see why its upgrade failed; asked the same question without the upgrade, we tell.
    const refused = wantsUpgrade || offered.length > 0 ? refusal(offered, host) : undefined;
    if (refused) return c.json(refused, 403);
    if (wantsUpgrade) return upgrade(c, host, remote);
    c.header("cache-control", "no-store");
    return c.json({ challenge: options.admission.challenge(), protocol: CHALLENGE_PROTOCOL });
  };
}

function offeredProtocols(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(",", 3).map((protocol) => protocol.trim());
}

function remoteOf(c: Context): { host: string; remote: string } {
  try {
    const { address, port } = getConnInfo(c).remote;
    if (address === undefined) return { host: "unknown", remote: "unknown" };
    const host = withoutV4Mapping(address);
    return { host, remote: formatHostPort(host, port ?? 0) };
  } catch { // The app was called without a socket, or listens on a unix socket.
    return { host: "unknown", remote: "unknown" };
  }
}
