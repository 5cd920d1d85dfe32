import type { Channel, Destination, Message, NodeId } from "../cluster/mod.ts";

/** What a messenger reports. */
export interface MessengerEvents {
  /** An authenticated, well-formed message arrived. */
  received(from: NodeId, message: Message, replyTo: Destination, channel: Channel): void;
  /** No stream to this destination could be opened; the reason is for people. */
  unreachable(to: Destination, reason: string): void;
  /** A stream to this address led back to this very process. */
  metOurselves(address: string): void;
  /** The last stream to this member ended. */
  disconnected(id: NodeId): void;
}

/** Carries messages between servers: encodes, seals, and keeps the connections. */
export interface Messenger {
  /** Starts to listen. @throws when the address cannot be bound */
  start(): Promise<void>;
  /** Sends when it can; loss is silent. */
  send(to: Destination, channel: Channel, message: Message): void;
  /** Closes the streams to a member that is gone. */
  disconnect(id: NodeId): void;
  close(): Promise<void>;
}
