import type { Clock, Entropy, Logger, Random } from "../base/mod.ts";
import type { MemberFacts, MembershipConfig } from "../cluster/mod.ts";
import type { RecordStore } from "../storage/mod.ts";
import type { Messenger, MessengerEvents } from "./messenger.ts";

/** All that a node is made of. */
export interface NodeOptions {
  readonly nodeId: string;
  /** 16 hex digits, fresh for this start. */
  readonly bootId: string;
  readonly facts: Omit<MemberFacts, "lineage" | "copying" | "saidAt" | "bootId" | "startedAtMs">;
  readonly store: RecordStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly entropy: Entropy;
  readonly log: Logger;
  /** The server has no place in its cluster any more and must be stopped; the reason is for people. Called once. */
  readonly onExpelled?: (reason: string) => void;
  /** Absent: cluster mode is off. */
  readonly cluster?: {
    readonly peers: readonly string[];
    /** Plain bytes of an envelope that fit one datagram. */
    readonly packetBytesMax: number;
    /** False where packets share the stream: websockets, and `tcp_only`. */
    readonly hasDatagrams: boolean;
    readonly messenger: (events: MessengerEvents) => Messenger;
    readonly config?: MembershipConfig;
  };
}
