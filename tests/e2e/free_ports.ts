/** Enough for any unlucky draw: the kernel hands out ports of which the other protocol's is nearly always free too. */
const ATTEMPTS_MAX = 100;

/** `count` ports of 127.0.0.1, each free for TCP and for UDP at the moment of asking, all different. */
export function freePorts(count: number): number[] {
  const held: Array<{ port: number; close: () => void }> = [];
  try {
    for (let attempt = 0; held.length < count && attempt < ATTEMPTS_MAX; attempt++) {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr;
      try {
        const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
        held.push({ port, close: () => (listener.close(), socket.close()) });
      } catch {
        listener.close();
      }
    }
    if (held.length < count) throw new Error(`Cannot find ${count} free ports on 127.0.0.1`);
    return held.map(({ port }) => port);
  } finally {
    for (const { close } of held) close();
  }
}
