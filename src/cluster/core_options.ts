import type { Random } from "../base/mod.ts";
import type { MemberFacts, MembershipConfig, MemberUpdate, NodeId } from "../membership/mod.ts";
import type { Stamp } from "../records/mod.ts";
import type { RememberedMember } from "./absences.ts";
import type { RememberedHorizon } from "./horizon_watch.ts";
import type { LoadedRecords } from "./loaded_records.ts";
import type { Message } from "./message.ts";

/** All that one core is made of. Everything that could differ between two runs is an argument. */
export interface CoreOptions {
  readonly nodeId: NodeId;
  readonly facts: Omit<MemberFacts, "lineage" | "copying" | "saidAt">;
  /** Configured peers. Without any, and without members, this is a server on its own. */
  readonly peers: readonly string[];
  readonly random: Random;
  readonly config: MembershipConfig;
  /** Encoded bytes of one statement about a member. */
  readonly measure: (update: MemberUpdate) => number;
  /** Plain bytes of a message in its envelope. */
  readonly measureMessage: (message: Message) => number;
  /** Plain bytes of an envelope that fit one datagram. */
  readonly packetBytesMax: number;
  /** False where packets share the stream: websockets, and `tcp_only`. */
  readonly hasDatagrams: boolean;
  /** What the store remembered. */
  readonly remembered: {
    readonly lineage: string | undefined;
    readonly copying: boolean;
    readonly floor: Stamp | undefined;
    readonly members: readonly RememberedMember[];
    /** The core's from now on. */
    readonly records: LoadedRecords;
  } & RememberedHorizon;
}
