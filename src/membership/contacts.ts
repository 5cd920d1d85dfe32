import { MEMBERS_MAX } from "./member_table.ts";
import type { Member, NodeId, Path } from "./member.ts";
import type { Opinion, Status } from "./message.ts";
import type { Channel, MembershipPort } from "./port.ts";
import { RoundTrip } from "./round_trip.ts";

/** What others told of their time before a pause of this process is heard for so long after it, in milliseconds. */
const BACKLOG_MS = 1_000;

/** What this server noticed of one other by talking with it. */
export interface Contact {
  readonly roundTrip: RoundTrip;
  /** Wall clock, milliseconds since the Unix epoch. */
  lastContactMs: number | undefined;
  /** How its last answers came: by datagram, only over the stream, or only through others. */
  path: Path | undefined;
  /** Its wall clock minus ours, milliseconds, at its last word about its data. */
  clockOffsetMs: number | undefined;
  /** Monotonic milliseconds of the last exchange of member lists. */
  exchangedMs: number;
  /** Monotonic milliseconds of its last answer by datagram, and of its last answer without a helper. */
  packetMs: number;
  directMs: number;
}

/** What this server knows of talking with each other. Bounded: senders that are no members are not remembered beyond it. */
export class Contacts {
  readonly #contacts = new Map<NodeId, Contact>();
  /** Monotonic milliseconds. */
  #backlogUntilMs = -Infinity;

  constructor(private readonly port: MembershipPort) {}

  get(id: NodeId): Contact {
    let contact = this.#contacts.get(id);
    if (contact !== undefined) return contact;
    contact = {
      roundTrip: new RoundTrip(),
      lastContactMs: undefined,
      path: undefined,
      clockOffsetMs: undefined,
      exchangedMs: -Infinity,
      packetMs: -Infinity,
      directMs: -Infinity,
    };
    if (this.#contacts.size < MEMBERS_MAX) this.#contacts.set(id, contact);
    return contact;
  }

  /** A probe of `id` was answered. A path is given up only after `silentMs` without an answer on it: one may get lost. */
  answered(id: NodeId, { by, roundTripMs, silentMs }: {
    by: Channel | "helper";
    roundTripMs: number;
    silentMs: number;
  }): void {
    const contact = this.get(id);
    const before = contact.path;
    const nowMs = this.port.nowMs();
    if (by === "packet" && this.port.hasDatagrams) contact.packetMs = nowMs;
    if (by !== "helper") contact.directMs = nowMs;
    if (by === "packet" || (by === "stream" && before !== "packets")) contact.roundTrip.sample(roundTripMs);
    if (nowMs - contact.packetMs < silentMs) contact.path = "packets";
    else if (nowMs - contact.directMs < silentMs) contact.path = "stream";
    else contact.path = "relayed";
    if (contact.path === before || (before === undefined && contact.path !== "relayed")) return;
    this.port.log("info", "Path to a member changed", { member: id, path: contact.path, before });
  }

  /** This process was paused: what waited for it meanwhile is heard now, and tells no time. */
  slept(): void {
    this.#backlogUntilMs = this.port.nowMs() + BACKLOG_MS;
  }

  /** `id` told its wall clock; half a round trip has passed since. */
  toldTime(id: NodeId, { wallMs }: Status): void {
    if (this.port.nowMs() < this.#backlogUntilMs) return;
    const contact = this.get(id);
    contact.clockOffsetMs = wallMs + (contact.roundTrip.smoothedMs ?? 0) / 2 - this.port.wallMs();
  }

  /** What this server thinks of `member`, by its own experience. */
  opinion({ id, state }: Member): Opinion {
    const { path, roundTrip, lastContactMs } = this.get(id);
    const silentMs = lastContactMs === undefined ? undefined : Math.max(0, this.port.wallMs() - lastContactMs);
    return { id, state, path, roundTripMs: roundTrip.smoothedMs, silentMs };
  }
}
