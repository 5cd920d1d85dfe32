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
    const socket = createSocket(url.websocket, [SUBPROTOCOL, response], client);
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
    socket.onerror = (event) => refused((event as ErrorEvent).message || "no cause given");
    socket.onclose = () => refused("closed before it opened");
    socket.onopen = () => {
      if (socket.protocol !== SUBPROTOCOL) return refused(`it did not select the subprotocol "${SUBPROTOCOL}"`);
      signal.removeEventListener("abort", abort);
      socket.onopen = null;
      resolve({ kind: "opened", stream: adopt(socket) });
    };
  });
}

function createSocket(url: URL, protocols: string[], client: Deno.HttpClient): WebSocket {
  try {
    return new WebSocket(url, { protocols, client });
  } catch (error) {
    // Older runtimes know no options: there a private authority is named by DENO_CERT.
    if (error instanceof DOMException && error.name === "SyntaxError") return new WebSocket(url, protocols);
    throw error;
  }
}
