/**
 * The proof of the cluster's key before a websocket is opened: the runtime buffers up to 16 MiB for whoever has an open
 * one, so strangers get none. The encryption inside proves it again, this only keeps strangers cheap.
 */
export interface Admission {
  /** A fresh challenge, as an HTTP token (RFC 9110 §5.6.2). */
  challenge(): string;
  /** The proof that this server holds the key, as an HTTP token. */
  respond(challenge: string): string;
  /** What a response to one of our challenges is worth. Never throws. */
  check(response: string): "accepted" | "other_key" | "expired" | "garbage";
}

/** The websocket subprotocol that the server selects; the client offers it before its response. */
export const SUBPROTOCOL = "knot1";

/** `protocol` in the answer to GET /cluster, by which a knot server in websocket cluster mode is known. */
export const CHALLENGE_PROTOCOL = "knot-cluster";

/** Longest challenge or response, in characters: several times what any key proof needs. */
export const TOKEN_LENGTH_MAX = 512;

/** True when `text` can travel as a websocket subprotocol: an HTTP token of bounded length. */
export function isToken(text: string): boolean {
  return text.length <= TOKEN_LENGTH_MAX && /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text);
}

/**
 * The JSON body that GET /cluster answers on a server that has no websocket cluster: `none` without cluster mode,
 * `host_port` with UDP and TCP. A peer that dials it then says so, and not that the server is none of ours.
 */
export function noWebsocketClusterAnswer(transport: "none" | "host_port"): { error: string; transport: string } {
  const error = transport === "none"
    ? "This knot server is not in cluster mode: server.cluster.advertise_addr is not set"
    : "This knot server's cluster uses TCP and UDP: its peers are host:port addresses";
  return { error, transport };
}
