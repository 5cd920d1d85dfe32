import type { Contact, MemberFacts, MemberState, NodeId } from "../membership/mod.ts";

/** A configured peer, and what came of asking it. */
export interface TriedPeer {
  readonly address: string;
  readonly result: string;
}

/** Where this server stands before it has data. */
export type Readiness =
  /** Has a lineage and serves. */
  | { readonly kind: "ready" }
  /** Empty and waiting for a populated peer, or still receiving its first copy. */
  | {
    readonly kind: "joining";
    readonly tried: readonly TriedPeer[];
    /** Records that have come, of so many that the cluster holds; absent before the first copy begins. */
    readonly progress?: { readonly received: number; readonly expected: number };
  }
  /** Empty among empty servers, or alone: offers the setup page. */
  | { readonly kind: "setup_needed"; readonly tried: readonly TriedPeer[] };

/** One member as this server sees it. */
export interface MemberStatus {
  readonly id: NodeId;
  readonly self: boolean;
  readonly state: MemberState;
  readonly incarnation: number;
  readonly facts: MemberFacts | undefined;
  /** Wall clock of the last message received from it, milliseconds since the Unix epoch; undefined when never. */
  readonly lastContactMs: number | undefined;
  readonly roundTripMs: number | undefined;
  /** Records and tombstones it holds. */
  readonly records: number | undefined;
  /** Its roots equal ours, at its last word; undefined when unknown. */
  readonly inSync: boolean | undefined;
  /** Why records are not exchanged with it ("other data set", …), where so. */
  readonly problem: string | undefined;
  /** Answers come over the stream only, datagrams are blocked. */
  readonly packetsBlocked: boolean;
  /** It cannot be reached from here at all: others vouch for it, and data flows through them. */
  readonly relayed: boolean;
  /** Its wall clock minus ours, milliseconds. */
  readonly clockOffsetMs: number | undefined;
}

/** What is known of a contact, in the shape of {@link MemberStatus}. */
export function contactStatus(
  contact: Contact,
  { hasDatagrams }: { hasDatagrams: boolean },
): Pick<MemberStatus, "lastContactMs" | "roundTripMs" | "packetsBlocked" | "relayed" | "clockOffsetMs"> {
  return {
    lastContactMs: contact.lastContactMs,
    roundTripMs: contact.roundTrip.smoothedMs,
    packetsBlocked: hasDatagrams && contact.path === "stream",
    relayed: contact.path === "relayed",
    clockOffsetMs: contact.clockOffsetMs,
  };
}
