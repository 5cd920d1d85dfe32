import type { RecordKind, Version } from "../records/mod.ts";

/** UUIDv7 of a server, made once for its data folder, in text form. */
export type NodeId = string;

/** 16 hex digits, fresh for each process start. */
export type BootId = string;

/** SWIM's states and the two that leaving adds. `left` is durable and final for that incarnation. */
export type MemberState = "alive" | "suspect" | "dead" | "leaving" | "left";

/** What a member says of itself; travels whole when it changed. */
export interface MemberFacts {
  /** The advertised address. */
  readonly address: string;
  readonly zone: string;
  readonly hostname: string;
  readonly version: string;
  /** `server.url`: where people and API clients reach it. */
  readonly apiEndpoint: string;
  readonly bootId: BootId;
  /** Wall clock of the process start, milliseconds since the Unix epoch. */
  readonly startedAtMs: number;
  /** Least and greatest wire protocol spoken. */
  readonly protocolMin: number;
  readonly protocolMax: number;
  /** Id of the data set, or "" while it has none. */
  readonly lineage: string;
}

/** One statement about one member; greater incarnations win, within one the graver state. */
export interface MemberUpdate {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly state: MemberState;
  /** Who says so, where that counts (suspect: for confirmations). */
  readonly by?: NodeId;
  readonly facts?: MemberFacts;
}

/** Rides on each probe and ack: what the sender's data looks like now. */
export interface Status {
  readonly incarnation: number;
  /** 16 hex digits over (id, incarnation, state) of all members; equal lists, equal fingerprints. */
  readonly membersFingerprint: string;
  /** Keyed 16-hex-digit fingerprint of all (id, version), by kind, kinds in text order; empty kinds left out. */
  readonly roots: ReadonlyArray<readonly [RecordKind, string]>;
  /** Records and tombstones held, for display. */
  readonly recordCount: number;
  /** The sender's wall clock, milliseconds since the Unix epoch. */
  readonly wallMs: number;
}

/** (kind, id, version) of one record. */
export type ListEntry = readonly [kind: RecordKind, id: string, version: Version];

/** All that servers say to each other. Everything travels sealed. */
export type Message =
  | { kind: "ping"; sequence: number; target: NodeId; status: Status; updates: MemberUpdate[] }
  | { kind: "ack"; sequence: number; status: Status; updates: MemberUpdate[] }
  /** Asks the receiver to ping `target` on the sender's behalf (SWIM §3.1). */
  | { kind: "ping_req"; sequence: number; target: NodeId; address: string; updates: MemberUpdate[] }
  /** The helper had no answer from the target either (Lifeguard). */
  | { kind: "nack"; sequence: number; target: NodeId }
  | { kind: "gossip"; updates: MemberUpdate[] }
  /** The whole member list, the sender's own entry first; `answer` asks for the receiver's. */
  | { kind: "members"; members: MemberUpdate[]; answer: boolean }
  /** Freshly committed records in packed form; answered by `push_ack` after their commit. */
  | { kind: "push"; sequence: number; lineage: string; records: Uint8Array[] }
  | { kind: "push_ack"; sequence: number }
  /** One bounded part of everything the sender holds, in key order; the receiver answers with `records` and `want`. */
  | { kind: "list"; lineage: string; session: number; part: number; last: boolean; entries: ListEntry[] }
  | { kind: "want"; lineage: string; session: number; keys: Array<readonly [RecordKind, string]> }
  | { kind: "records"; lineage: string; session: number; records: Uint8Array[] };

/** A message and its sender. */
export interface Envelope {
  readonly from: NodeId;
  readonly message: Message;
}
