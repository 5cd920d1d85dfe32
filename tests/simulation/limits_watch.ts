import { WRITE_QUEUE_BYTES_MAX } from "../../src/transport/mod.ts";
import type { Simulation } from "./simulation.ts";
import type { Verdict } from "./verdict.ts";

/** Streams that one server holds open: to and from each other one, twice while one end has not noticed a restart. */
const STREAMS_PER_PEER_MAX = 8;
/** Commits that wait for one disk. */
const UNSYNCED_MAX = 10_000;
/** Timers of the whole simulation, for each pair of servers: a server that leaks them with each probe passes it in minutes. */
const TIMERS_PER_PAIR_MAX = 200;

/** What one server may send in a second, in bytes, over several of them: what it holds is small, and news travels a bounded number of times. */
const SENT_BYTES_PER_SECOND_MAX = 100_000;
/** Shorter spans say nothing of a rate, in milliseconds. */
const RATE_SPAN_MS_MIN = 4_000;

/** Looks whether anything grows that should not: streams, their buffers, commits, timers, traffic. */
export class LimitsWatch {
  readonly #sentBytes = new Map<string, number>();
  #lookedMs = 0;

  constructor(private readonly simulation: Simulation, private readonly verdict: Verdict) {}

  /** To be called every few seconds of virtual time. */
  look(): void {
    const { servers, clock } = this.simulation;
    for (const { name, streams, store } of servers) {
      if (streams.size > STREAMS_PER_PEER_MAX * servers.length) {
        this.verdict.fail(`${name} holds ${streams.size} streams open`);
      }
      for (const { bufferedBytes } of streams) {
        if (bufferedBytes > WRITE_QUEUE_BYTES_MAX) {
          this.verdict.fail(`${name} buffers ${bufferedBytes} bytes for one stream`);
        }
      }
      if (store.unsyncedCount > UNSYNCED_MAX) {
        this.verdict.fail(`${name} has ${store.unsyncedCount} commits waiting`);
      }
    }
    const timers = clock.plannedCount;
    if (timers > TIMERS_PER_PAIR_MAX * servers.length ** 2) this.verdict.fail(`${timers} timers are planned`);
    this.#lookAtTraffic();
  }

  #lookAtTraffic(): void {
    const { servers, clock, network } = this.simulation;
    const spanMs = clock.monotonicMs() - this.#lookedMs;
    if (spanMs < RATE_SPAN_MS_MIN) return;
    this.#lookedMs = clock.monotonicMs();
    for (const { name, address } of servers) {
      const { packet, stream } = network.traffic(address);
      const sentBytes = packet.sentBytes + stream.sentBytes;
      const perSecond = (sentBytes - (this.#sentBytes.get(address) ?? 0)) / (spanMs / 1_000);
      this.#sentBytes.set(address, sentBytes);
      if (perSecond > SENT_BYTES_PER_SECOND_MAX) {
        this.verdict.fail(`${name} sends ${Math.round(perSecond)} bytes a second`);
      }
    }
  }
}
