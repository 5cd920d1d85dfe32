import * as net from "node:net";
import * as tls from "node:tls";
import { ipFamily } from "./address.ts";

/** Most connections that one relay carries: the challenge, the websocket, the question why it failed, and retries. */
const CONNECTIONS_MAX = 8;

/** A door on loopback to one TLS server whose certificate is not checked. */
export interface UnverifiedRelay {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** What went wrong beyond the door, when something did: those before it only see it shut. */
  readonly failure: string | undefined;
  close(): void;
}

/**
 * Opens a relay to a TLS server, for `server.tls.skip_verify`: neither `fetch` nor `WebSocket` can leave a certificate
 * unchecked, so both speak plainly to the relay, and it speaks TLS. What passes is sealed inside, like everywhere.
 */
export async function openUnverifiedRelay(
  peer: { readonly host: string; readonly port: number },
): Promise<UnverifiedRelay> {
  const sockets = new Set<net.Socket>();
  let failure: string | undefined;
  const server = net.createServer((near) => {
    const far = tls.connect({
      host: peer.host,
      port: peer.port,
      rejectUnauthorized: false,
      ALPNProtocols: ["http/1.1"],
      ...(ipFamily(peer.host) === 0 ? { servername: peer.host } : {}),
    });
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", (error) => {
        if (socket === far) failure ??= error.message;
        other.destroy();
      });
      socket.on("close", () => {
        sockets.delete(socket);
        other.end();
      });
      socket.pipe(other);
    }
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    get failure() {
      return failure;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
