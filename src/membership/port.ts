import type { CancelTimer, Random } from "../base/mod.ts";
import type { BootId, Member, MemberState, MemberUpdate, NodeId } from "./member.ts";
import type { MembershipMessage, Status } from "./message.ts";

/** Where a message goes; `id` is absent while only an address is known. */
export interface Destination {
  readonly id?: NodeId;
  readonly address: string;
  /** The connection that something came on, for the answer; another one serves when it is gone. */
  readonly via?: number;
  /** Of the process that something came from. */
  readonly bootId?: BootId;
}

/** `packet` may get lost, `stream` is reliable and costs a connection. */
export type Channel = "packet" | "stream";

/** What membership needs of the machine around it. Calls record effects; none of them does I/O. */
export interface MembershipPort {
  readonly random: Random;
  /** Monotonic milliseconds of the event that is being handled. */
  nowMs(): number;
  wallMs(): number;
  after(delayMs: number, callback: () => void): CancelTimer;
  send(to: Destination, channel: Channel, message: MembershipMessage): void;
  /** Encoded bytes of one statement. */
  measure(update: MemberUpdate): number;
  /** Packets travel as datagrams; if not, they share the stream, and nothing can be said of a datagram path. */
  readonly hasDatagrams: boolean;
  /** Bytes of statements that a ping or ack has room for. */
  readonly piggybackBytesMax: number;
  /** Bytes of statements that a gossip packet has room for. */
  readonly gossipBytesMax: number;
  /** What the local data looks like now. */
  status(): Status;
  /** A member is new, or its state or facts changed. */
  changed(member: Member, before: MemberState | undefined): void;
  /** A member said what its data looks like. */
  heard(id: NodeId, status: Status): void;
  /** This server must stop: it was removed, or its id belongs to another. */
  expelled(reason: string): void;
  log(level: "debug" | "info" | "warn", message: string, fields: Record<string, unknown>): void;
}
