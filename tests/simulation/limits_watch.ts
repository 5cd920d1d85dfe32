import { WRITE_QUEUE_BYTES_MAX } from "../../src/transport/mod.ts";
import type { Simulation } from "./simulation.ts";
import type { Verdict } from "./verdict.ts";

/** Streams that one server holds open: to and from each other one, twice while one end has not noticed a restart. */
const STREAMS_PER_PEER_MAX = 8;
/** Commits that wait for one disk. */
const UNSYNCED_MAX = 10_000;
/** Timers of the whole simulation, for each pair of servers: a server that leaks them with each probe passes it in minutes. */
const TIMERS_PER_PAIR_MAX = 200;

/** Looks whether anything grows that should not: streams, their buffers, commits, timers. */
export function checkLimits(simulation: Simulation, verdict: Verdict): void {
  const { servers } = simulation;
  for (const { name, streams, store } of servers) {
    if (streams.size > STREAMS_PER_PEER_MAX * servers.length) {
      verdict.fail(`${name} holds ${streams.size} streams open`);
    }
    for (const { bufferedBytes } of streams) {
      if (bufferedBytes > WRITE_QUEUE_BYTES_MAX) verdict.fail(`${name} buffers ${bufferedBytes} bytes for one stream`);
    }
    if (store.unsyncedCount > UNSYNCED_MAX) verdict.fail(`${name} has ${store.unsyncedCount} commits waiting`);
  }
  const timers = simulation.clock.plannedCount;
  if (timers > TIMERS_PER_PAIR_MAX * servers.length ** 2) verdict.fail(`${timers} timers are planned`);
}
