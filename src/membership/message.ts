import type { Reading } from "../records/mod.ts";
import type { MemberState, MemberUpdate, NodeId, Path } from "./member.ts";

/** Rides on each probe and ack: what the sender's data looks like now. */
export interface Status {
  readonly incarnation: number;
  /** 16 hex digits over (id, incarnation, state) of all members; equal lists, equal fingerprints. */
  readonly membersFingerprint: string;
  /** Keyed 16-hex-digit fingerprint of all (id, version), by kind, kinds in text order; empty kinds left out. */
  readonly roots: ReadonlyArray<readonly [kind: string, fingerprint: string]>;
  /** Records and tombstones held, for display. */
  readonly recordCount: number;
  /** The reading of the sender's clock that is on its disk. */
  readonly floor: Reading;
  /** Tombstones at or below it are gone at the sender. */
  readonly horizon: Reading;
  /**
   * The sender has agreed with each of these members at this reading of its own clock, or later; 16 hex digits over the members, "" when
   * its data has yet to agree with the cluster's.
   */
  readonly agreedSet: string;
  readonly agreedAt: Reading;
  /** The sender's wall clock, milliseconds since the Unix epoch. */
  readonly wallMs: number;
  /** Set while the sender's disk refuses writes. */
  readonly diskRefuses?: true;
}

/** What one server thinks of one member, by its own experience. */
export interface Opinion {
  readonly id: NodeId;
  readonly state: MemberState;
  /** How it is reached from there; undefined when not known. */
  readonly path: Path | undefined;
  /** Smoothed round-trip time, milliseconds; undefined when not known. */
  readonly roundTripMs: number | undefined;
  /** How long ago the last message of it came in, milliseconds; undefined when never. */
  readonly silentMs: number | undefined;
}

/** What servers say to each other about each other. */
export type MembershipMessage =
  | { kind: "ping"; sequence: number; target: NodeId; status: Status; updates: MemberUpdate[] }
  | { kind: "ack"; sequence: number; status: Status; updates: MemberUpdate[] }
  /** Asks the receiver to ping `target` on the sender's behalf (SWIM §3.1). */
  | { kind: "ping_req"; sequence: number; target: NodeId; address: string; updates: MemberUpdate[] }
  /** The target of a `ping_req` answered the helper. */
  | { kind: "relayed_ack"; sequence: number; target: NodeId }
  /** The helper had no answer from the target either (Lifeguard). */
  | { kind: "nack"; sequence: number; target: NodeId }
  | { kind: "gossip"; updates: MemberUpdate[] }
  /** The whole member list, the sender's own entry first; `answer` asks for the receiver's. */
  | { kind: "members"; members: MemberUpdate[]; status: Status; answer: boolean };
