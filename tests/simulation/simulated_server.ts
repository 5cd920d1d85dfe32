import type { ClusterNode } from "../../src/node/mod.ts";
import type { Stream } from "../../src/transport/mod.ts";
import type { ProcessGate } from "./process_gate.ts";
import type { SlowStore } from "./slow_store.ts";

/** What a new server is told. */
export interface ServerOptions {
  /** Addresses of its configured peers. */
  readonly peers: readonly string[];
}

/** One server of the simulation, with what outlives its process. */
export interface SimulatedServer {
  /** Its number in the simulation, from 0. */
  readonly index: number;
  readonly name: string;
  /** Another one after it was removed from the cluster. */
  nodeId: string;
  readonly peers: readonly string[];
  address: string;
  /** How often its address has changed. */
  moves: number;
  /** Of its next process. */
  bootId: string;
  /** Undefined while it is down, and while it stops. */
  node: ClusterNode | undefined;
  /** Of its present process. */
  gate: ProcessGate;
  /** Open streams of its present process. */
  streams: ReadonlySet<Stream>;
  store: SlowStore;
  /** Milliseconds that its wall clock is ahead. */
  skewMs: number;
  /** Why its present process has no place in the cluster any more; undefined while it has one. */
  expelled: string | undefined;
  /** When its present process started, in virtual milliseconds. */
  startedMs: number;
}
