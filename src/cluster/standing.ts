import { type Contact, isLive, type MemberFacts, type MemberState, type NodeId } from "../membership/mod.ts";

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
    readonly progress?: { readonly received: number; readonly expected?: number };
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
  /** The end of its id that no other member's id has, for people to tell and to type. */
  readonly shortId: string;
  /** Its zone where that is its alone, else zone and short id. */
  readonly label: string;
  /** What is wrong with it, for people; undefined when nothing is. */
  readonly problem: string | undefined;
  /** It holds another data set: records are not exchanged with it. */
  readonly isForeign: boolean;
  /** Answers come over the stream only, datagrams are blocked. */
  readonly packetsBlocked: boolean;
  /** Datagrams are answered, and no stream to it can be opened. */
  readonly streamsBlocked: boolean;
  /** It cannot be reached from here at all: others vouch for it, and data flows through them. */
  readonly relayed: boolean;
  /** Its wall clock minus ours, milliseconds. */
  readonly clockOffsetMs: number | undefined;
}

/** What one member's place looks like: path and times, which only live members have. */
type Reach = Pick<
  MemberStatus,
  "lastContactMs" | "roundTripMs" | "packetsBlocked" | "streamsBlocked" | "relayed" | "clockOffsetMs"
>;

/** What this server itself has in place of a contact. */
export function ownReach(wallMs: number): Reach {
  const nothing = { packetsBlocked: false, streamsBlocked: false, relayed: false };
  return { lastContactMs: wallMs, roundTripMs: 0, ...nothing, clockOffsetMs: 0 };
}

/** What is known of a contact. Of who is gone there is no path any more, and no round trip. */
export function contactReach(
  { lastContactMs, roundTrip, path, clockOffsetMs }: Contact,
  { state, hasDatagrams, isUnreachable }: { state: MemberState; hasDatagrams: boolean; isUnreachable: boolean },
): Reach {
  const live = isLive(state);
  return {
    lastContactMs,
    roundTripMs: live ? roundTrip.smoothedMs : undefined,
    packetsBlocked: live && hasDatagrams && path === "stream",
    streamsBlocked: live && hasDatagrams && path === "packets" && isUnreachable,
    relayed: live && path === "relayed",
    clockOffsetMs: live ? clockOffsetMs : undefined,
  };
}

/** So much of an id is shown at least: shorter ends are soon another's. */
const SHORT_ID_UNITS = 6;

/** For each of the ids the end of it that none of the others has, {@link SHORT_ID_UNITS} at least. */
export function shortIds(ids: readonly NodeId[]): Map<NodeId, string> {
  const short = new Map<NodeId, string>();
  const byEnd = ids.toSorted((a, b) => endsFirst(a, b));
  byEnd.forEach((id, at) => {
    const shared = Math.max(sharedEnd(id, byEnd[at - 1]), sharedEnd(id, byEnd[at + 1]));
    short.set(id, id.slice(-Math.max(SHORT_ID_UNITS, shared + 1)));
  });
  return short;
}

function endsFirst(a: string, b: string): number {
  const shared = sharedEnd(a, b);
  const [left, right] = [a.at(-1 - shared) ?? "", b.at(-1 - shared) ?? ""];
  return left < right ? -1 : left > right ? 1 : 0;
}

function sharedEnd(a: string, b = ""): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a.at(-1 - shared) === b.at(-1 - shared)) shared++;
  return shared;
}

/** Names that tell members apart, by their ids: the zone alone where nobody else is there, else with the short id. */
export function labels(
  members: ReadonlyArray<Pick<MemberStatus, "id" | "facts">>,
  short: ReadonlyMap<NodeId, string>,
): Map<NodeId, string> {
  const inZone = new Map<string, number>();
  for (const { facts } of members) inZone.set(facts?.zone ?? "", (inZone.get(facts?.zone ?? "") ?? 0) + 1);
  return new Map(members.map(({ id, facts }) => {
    const zone = facts?.zone ?? "";
    return [id, zone !== "" && inZone.get(zone) === 1 ? zone : `${zone} ${short.get(id)}`.trimStart()];
  }));
}
