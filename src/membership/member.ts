/** UUIDv7 of a server, made once for its data folder, in text form. */
export type NodeId = string;

/** 16 hex digits, fresh for each process start. */
export type BootId = string;

/** SWIM's states and the two that leaving adds. `left` is final: only a new node id comes back. */
export type MemberState = "alive" | "suspect" | "dead" | "leaving" | "left";

/** How a member is reached. `relayed`: neither by datagram nor over a stream of our own, others vouch for it. */
export type Path = "packets" | "stream" | "relayed";

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
  /** The member's incarnation when it said so: of two versions of its facts the later one counts, whatever else is believed. */
  readonly saidAt: number;
  /** Set while its first copy of the data set is not whole: writes are sent to it, nobody copies from it. */
  readonly copying?: true;
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

/** A member as one server sees it. */
export interface Member {
  readonly id: NodeId;
  incarnation: number;
  state: MemberState;
  facts: MemberFacts | undefined;
  /** Monotonic milliseconds at which `state` began here. */
  stateSinceMs: number;
}

/** Within one incarnation the graver statement wins (SWIM §4.2, with leaving on top: only the member itself says it). */
const GRAVITY: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, dead: 2, leaving: 3, left: 4 };

/** Whether a statement replaces what is believed. Equal statements do not: repeating news must not spread it again. */
export function supersedes(
  update: Pick<MemberUpdate, "incarnation" | "state">,
  known: Pick<Member, "incarnation" | "state">,
): boolean {
  if (known.state === "left") return false;
  if (update.state === "left") return true;
  if (update.incarnation !== known.incarnation) return update.incarnation > known.incarnation;
  return GRAVITY[update.state] > GRAVITY[known.state];
}

/** A member's entry as a statement. */
export function asUpdate({ id, incarnation, state, facts }: Member): MemberUpdate {
  return { id, incarnation, state, ...(facts === undefined ? {} : { facts }) };
}

/** Whether the member is expected to answer: it is probed, counted in majorities and sent writes. */
export function isLive(state: MemberState): boolean {
  return state === "alive" || state === "suspect";
}

/** Whether the member has said goodbye, for now or for good: nobody calls for it. */
export function hasLeft(state: MemberState): boolean {
  return state === "leaving" || state === "left";
}
