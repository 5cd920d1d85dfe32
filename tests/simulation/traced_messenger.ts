import type { Channel, Destination, Message } from "../../src/cluster/mod.ts";
import type { Messenger, MessengerEvents } from "../../src/node/mod.ts";

/** What a traced messenger tells: one call for each message. */
export type MessageTrace = (
  way: "sent" | "received",
  message: Message,
  details: { readonly channel: Channel; readonly peer: string },
) => void;

/** The messenger that `make` makes, with every message told to `trace`. */
export function tracedMessenger(
  events: MessengerEvents,
  make: (events: MessengerEvents) => Messenger,
  trace: MessageTrace,
): Messenger {
  const messenger = make({
    ...events,
    received(from, message, replyTo, channel) {
      trace("received", message, { channel, peer: from });
      events.received(from, message, replyTo, channel);
    },
  });
  return {
    start: () => messenger.start(),
    send(to: Destination, channel: Channel, message: Message) {
      trace("sent", message, { channel, peer: to.address });
      messenger.send(to, channel, message);
    },
    disconnect: (id) => messenger.disconnect(id),
    close: () => messenger.close(),
  };
}

/** What a message says, short enough for a line: its kind, and the statements about members or the records it carries. */
export function summaryOf(message: Message): string {
  const statements = "updates" in message ? message.updates : "members" in message ? message.members : [];
  const said = statements.map(({ id, incarnation, state, by }) =>
    `${short(id)}:${state}/${incarnation}${by === undefined ? "" : `(by ${short(by)})`}`
  );
  const number = "sequence" in message ? ` #${message.sequence}` : "";
  const target = "target" in message && message.target !== undefined ? ` →${short(message.target)}` : "";
  const records = "records" in message ? ` ${message.records.length} records` : "";
  return `${message.kind}${number}${target}${records}${said.length === 0 ? "" : ` [${said.join(" ")}]`}`;
}

/** The last digits of an id: the first are its time, alike for all servers of a simulation. */
export function short(id: string): string {
  return id.slice(-4);
}
