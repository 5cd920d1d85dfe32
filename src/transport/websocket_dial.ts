import type { ClusterUrl } from "./address.ts";
import { SUBPROTOCOL } from "./admission.ts";

/** One attempt to open a websocket. */
export interface WebsocketAttempt<S> {
  readonly url: ClusterUrl;
  readonly client: Deno.HttpClient;
  readonly signal: AbortSignal;
  readonly response: string;
  /** Takes over the socket in the moment it opens, before its first message can come. */
  adopt(socket: WebSocket): S;
}

/**
 * Opens a websocket with the proof of our key among its subprotocols. Why an upgrade failed is not ours to see beyond
 * the runtime's few words.
 *
 * @throws the signal's reason when it aborts
 */
export function openWebsocket<S>(
  { url, client, signal, response, adopt }: WebsocketAttempt<S>,
): Promise<{ kind: "opened"; stream: S } | { kind: "refused"; cause: string }> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const { socket, hint } = createSocket(url.websocket, [SUBPROTOCOL, response], client);
    function giveUp(outcome: () => void) {
      signal.removeEventListener("abort", abort);
      socket.onopen = socket.onerror = socket.onclose = null;
      try {
        socket.close();
      } catch { // It never opened.
      }
      outcome();
    }
    function abort() {
      giveUp(() => reject(signal.reason));
    }
    function refused(cause: string) {
      giveUp(() => resolve({ kind: "refused", cause }));
    }
    signal.addEventListener("abort", abort);
    socket.onerror = (event) => {
      const cause = (event as ErrorEvent).message || "no cause given";
      refused(/certificate/i.test(cause) ? cause + hint : cause);
    };
    socket.onclose = () => refused("closed before it opened");
    socket.onopen = () => {
      if (socket.protocol !== SUBPROTOCOL) return refused(`it did not select the subprotocol "${SUBPROTOCOL}"`);
      signal.removeEventListener("abort", abort);
      socket.onopen = null;
      resolve({ kind: "opened", stream: adopt(socket) });
    };
  });
}

/** `hint` belongs behind a complaint about certificates. */
function createSocket(url: URL, protocols: string[], client: Deno.HttpClient): { socket: WebSocket; hint: string } {
  try {
    return { socket: new WebSocket(url, { protocols, client }), hint: "" };
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "SyntaxError")) throw error;
    // Older runtimes know no options, and so nothing of server.tls.ca_file.
    const hint = "; this executable's runtime knows private authorities only from the environment: " +
      "set DENO_CERT to the file of server.tls.ca_file";
    return { socket: new WebSocket(url, protocols), hint };
  }
}
