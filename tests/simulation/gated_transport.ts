import type { Stream, StreamHandlers, Transport, TransportHandlers } from "../../src/transport/mod.ts";
import type { ProcessGate } from "./process_gate.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** A transport behind a process's gate, that also counts what the process holds open. */
export interface GatedTransport extends Transport {
  /** Streams of this process that are open, dialled and accepted. */
  readonly streams: ReadonlySet<Stream>;
}

/** `inner`, heard of only while the process runs. */
export function gatedTransport(inner: Transport, gate: ProcessGate, clock: VirtualClock): GatedTransport {
  const streams = new Set<Stream>();

  function gated(handlers: () => StreamHandlers, ended: () => void): StreamHandlers {
    return {
      data: (chunk) => gate.enter("input", () => handlers().data(chunk)),
      closed(reason) {
        ended();
        gate.enter("input", () => handlers().closed(reason));
      },
    };
  }

  return {
    streams,
    get address() {
      return inner.address;
    },
    packetBytesMax: inner.packetBytesMax,
    start(handlers: TransportHandlers) {
      return inner.start({
        packet: (from, payload) => gate.packet(payload.length, () => handlers.packet(from, payload)),
        accepted(stream) {
          let owner: StreamHandlers;
          streams.add(stream);
          gate.enter("input", () => {
            owner = handlers.accepted(stream);
          });
          return gated(() => owner, () => streams.delete(stream));
        },
      });
    },
    sendPacket: (to, payload) => inner.sendPacket(to, payload),
    dial(to, handlers) {
      return new Promise((resolve, reject) => {
        const settled = clock.watch();
        const settle = (run: () => void) => {
          settled();
          clock.settleSoon();
          gate.enter("input", () => {
            run();
            clock.settleSoon();
          });
        };
        let stream: Stream | undefined;
        inner.dial(to, gated(() => handlers, () => stream && streams.delete(stream))).then(
          (opened) => {
            streams.add(stream = opened);
            settle(() => resolve(opened));
          },
          (error) => settle(() => reject(error)),
        );
      });
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}
