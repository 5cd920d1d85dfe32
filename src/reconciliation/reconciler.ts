import type { CancelTimer } from "../base/mod.ts";
import { recordMessages } from "./answer.ts";
import { Arrivals } from "./arrivals.ts";
import { Comparison, listedCount } from "./comparison.ts";
import { Intake } from "./intake.ts";
import { answerMentions, answerOffer, mentionsOf } from "./mentions.ts";
import type { Mention, ReconciliationMessage, RecordKey } from "./message.ts";
import { Patience } from "./patience.ts";
import { type ReconciliationPort, type Stored, tagOf } from "./port.ts";
import { Puller } from "./puller.ts";
import { type Session, Sessions } from "./sessions.ts";

/** Sessions of our own at one time: several partners would mostly send the same. */
const SESSIONS_MAX = 3;
/** Arrivals that are named one by one; past it ranges find them with less. */
const RECENT_MAX = 4_096;
/** Records named in place of listed ones in one message. */
const HELD_MAX = 4_096;
/** Lost packets are noticed after so many milliseconds beside three overdue times, and lost streams after so many. */
const PACKET_SILENCE_MS = 500;
const STREAM_SILENCE_MS = 15_000;
/**
 * So many records, asked for or listed, make messages that take the stream. A session about as many is the only one that is begun: what it
 * brings is passed on, and mostly it is what the others would bring, too.
 */
const BULK_RECORDS_MIN = 100;
/** A session is begun so often, over the stream after the first; then the next unequal roots begin another. */
const TRIES_MAX = 3;
type Channel = "packet" | "stream";
type Recent = Extract<ReconciliationMessage, { kind: "recent" }>;
type Compare = Extract<ReconciliationMessage, { kind: "compare" }>;

/**
 * Finds what differs between two servers and exchanges it. What came to each since they last held the same is named first; if that
 * does not suffice, ranges of ids are compared by fingerprint and cut where they differ (Meyer 2023), until few enough are left to
 * be listed. Each message answers the one before and stands alone: a session that breaks off has lost nothing that it had mended.
 */
export class Reconciler {
  readonly arrivals = new Arrivals();
  readonly #port: ReconciliationPort;
  readonly #sessions: Sessions;
  /** Partners that have a while to begin a session themselves. */
  readonly #deferred = new Map<string, CancelTimer>();
  readonly #patience: Patience;
  readonly #puller: Puller;
  readonly #intake = new Intake({
    goOn: (partner) => this.#goOn(partner),
    finish: (partner) => this.#finish(partner),
  });

  constructor(port: ReconciliationPort) {
    this.#port = port;
    this.#patience = new Patience(port);
    this.#sessions = new Sessions(port);
    this.#puller = new Puller({ ...port, finished: (partner) => this.#intake.finish(partner) }, {
      mayAsk: () => !this.#patience.diskFails,
      stored: (whole) => this.#patience.stored(whole, () => this.#puller.resume()),
    });
  }

  /**
   * Begins a session with `partner`, unless one runs, one ended just now or to no avail, or enough others run. Both sides notice
   * a difference at about the same time: that of the greater id leaves the other one a while to begin, unless `atOnce`.
   */
  begin(partner: string, { atOnce = false } = {}): void {
    if (this.#deferred.has(partner)) return;
    if (atOnce || this.#port.nodeId < partner) return this.#beginNow(partner);
    const cancel = this.#port.after(this.#port.timeoutMs(partner), () => {
      this.#deferred.delete(partner);
      const roots = this.#port.roots(partner);
      if (roots === undefined || !this.#port.index().equals(roots)) this.#beginNow(partner); // Else it is mended.
    });
    this.#deferred.set(partner, cancel);
  }

  #beginNow(partner: string): void {
    if (this.#sessions.has(partner) || !this.#patience.mayBegin(partner)) return;
    if (this.#sessions.isBusyBeside(partner)) return; // The next unequal roots tell whether anything is left.
    if (this.#sessions.ownCount < SESSIONS_MAX) this.#begin(partner, { tries: 0, anew: false });
  }

  /** Whether so much came since `partner` last held the same that one session, of whoever met it first, had better bring it to all. */
  hasMuchFor(partner: string): boolean {
    return this.arrivals.countSince(partner) > BULK_RECORDS_MIN;
  }

  /** `partner` said roots that are equal to ours. */
  agreed(partner: string): void {
    this.#leaveToPartner(partner);
    this.arrivals.agreed(partner);
    this.#patience.agreed(partner);
  }

  /** `partner`, or the connection to it, is gone. */
  abandon(partner: string): void {
    this.#leaveToPartner(partner);
    const session = this.#sessions.get(partner);
    if (session !== undefined) this.#sessions.drop(session);
    this.#puller.abandon(partner);
  }

  /** Takes in one message of a member with our data set. What began over the stream, where packets get lost, is answered over it. */
  receive(from: string, message: ReconciliationMessage, channel: Channel): void {
    const lineage = this.#port.lineage();
    if (lineage === undefined || message.tag !== tagOf(lineage)) return;
    switch (message.kind) {
      case "recent":
        return this.#recentNamed(from, message, channel);
      case "later":
        return this.#putOff(from, message.session);
      case "compare":
        return this.#compared(from, message, channel);
      case "records":
        return this.#recordsCame(from, message);
      case "pull":
        return this.#puller.answer(from, message);
      case "part":
        return this.#puller.arrived(from, message);
    }
  }

  /** @param options `anew`: what the partner said of its records is out of date */
  #begin(partner: string, { tries, anew }: { tries: number; anew: boolean }): void {
    if (this.#port.hasLeft(partner)) return; // Since this was planned.
    this.#intake.begin(partner);
    const session = this.#sessions.begin(partner, { tries });
    const since = this.arrivals.since(partner);
    if (since !== undefined && since.length <= RECENT_MAX) return this.#nameRecent(session, since);
    const comparison = new Comparison(this.#port.index(), session.number);
    const roots = anew ? undefined : this.#port.roots(partner);
    const kinds = roots === undefined ? [] : this.#port.index().differing(roots);
    for (const kind of kinds) {
      if ((this.#port.index().tree(kind)?.sum.count ?? 0) > 0) comparison.begin(kind);
      else comparison.outline(kind);
    }
    const whole = kinds.length === 0;
    if (whole) comparison.outlineAll();
    this.#compare(session, comparison, { first: true, whole, wanted: [], held: [] });
  }

  #nameRecent(session: Session, since: readonly RecordKey[]): void {
    const { number } = session;
    session.offered = since;
    const mentions = mentionsOf(since, number, this.#port);
    this.#expect(session, { bulk: since.length > BULK_RECORDS_MIN });
    this.#send(session, { kind: "recent", tag: this.#tag, session: number, mentions });
  }

  #recentNamed(from: string, { session: number, mentions }: Recent, channel: Channel): void {
    const bulk = mentions.length > BULK_RECORDS_MIN;
    if (bulk && this.#sessions.isBusyBeside(from)) {
      return this.#port.send(from, this.#channel(from), { kind: "later", tag: this.#tag, session: number });
    }
    const session = this.#join(from, number, channel);
    if (session === undefined) return;
    session.bulk = bulk;
    const since = this.arrivals.since(from);
    if (since === undefined) { // Nobody knows what came here meanwhile: everything is looked at.
      const comparison = new Comparison(this.#port.index(), number);
      comparison.outlineAll();
      return this.#compare(session, comparison, { first: false, whole: true, wanted: [], held: [] });
    }
    this.arrivals.spend(from);
    const { wanted, lacking } = answerMentions(mentions, {
      arrivals: this.arrivals,
      since,
      salt: number,
      port: this.#port,
    });
    this.#answer(session, new Comparison(this.#port.index(), number), {
      wanted: this.#patience.diskFails ? [] : wanted,
      held: [],
      sent: lacking,
    });
  }

  /** Nothing came of our session, and nothing was spent on it: the next unequal roots begin another. */
  #putOff(from: string, number: number): void {
    const session = this.#sessions.known(from, number);
    if (session?.ours && !session.answered) this.#sessions.drop(session);
  }

  #compared(from: string, message: Compare, channel: Channel): void {
    const session = message.first
      ? this.#join(from, message.session, channel)
      : this.#sessions.known(from, message.session);
    if (session === undefined) return;
    this.#heard(session);
    session.more ||= message.more;
    session.due += message.beside;
    const comparison = new Comparison(this.#port.index(), session.number);
    comparison.answer(message.spans, message.hashBits);
    if (message.whole) {
      const named = new Set(message.spans.map(({ recordKind }) => recordKind));
      for (const [kind] of this.#port.index().roots) if (!named.has(kind)) comparison.begin(kind);
    }
    const offer = answerOffer(session.offered, message, { salt: session.number, port: this.#port });
    const listed = listedCount(message.spans);
    const wanted = [...comparison.wanted, ...offer.wanted.map((place) => listed + place)];
    const isQuestion = message.spans.length > 0 || message.whole || message.wanted.length > 0 ||
      message.held.length > 0;
    if (!isQuestion) return this.#closeWhenAllCame(session);
    if (!this.#patience.diskFails) this.#puller.take(comparison.empty, from);
    session.more ||= comparison.unsure.length > HELD_MAX;
    this.#answer(session, comparison, {
      wanted: this.#patience.diskFails ? [] : wanted,
      held: comparison.unsure.slice(0, HELD_MAX),
      sent: [...offer.lacking, ...comparison.lacking],
    });
  }

  /** Answers with what was found, asks for what is wanted, and ends the session when neither is left to do. */
  #answer(
    session: Session,
    comparison: Comparison,
    { wanted, held, sent }: { wanted: number[]; held: readonly RecordKey[]; sent: readonly RecordKey[] },
  ): void {
    const hasMore = !comparison.isSilent || wanted.length > 0 || held.length > 0;
    const records = this.#recordMessages(sent, { session: session.number, isAnswer: !hasMore });
    if (hasMore || records.length === 0) {
      this.#compare(session, comparison, { first: false, whole: false, beside: records.length, wanted, held });
      session.awaiting = hasMore; // What says nothing ends the session.
    }
    session.moved += wanted.length + sent.length;
    for (const message of records) this.#send(session, message);
    if (!session.awaiting) this.#closeWhenAllCame(session);
  }

  #compare(
    session: Session,
    comparison: Comparison,
    { first, whole, beside = 0, wanted, held }: {
      first: boolean;
      whole: boolean;
      beside?: number;
      wanted: number[];
      held: readonly RecordKey[];
    },
  ): void {
    const { spans, hashBits } = comparison.finish();
    session.offered = [...comparison.listed, ...held];
    const more = session.more ||= comparison.more;
    const mentions = mentionsOf(held, session.number, this.#port);
    this.#expect(session, { bulk: Math.max(session.offered.length, wanted.length) > BULK_RECORDS_MIN });
    this.#send(session, {
      kind: "compare",
      tag: this.#tag,
      session: session.number,
      first,
      whole,
      more,
      beside,
      hashBits,
      spans,
      wanted,
      held: mentions.map((mention): Mention => ({ ...mention, version: 0 })),
    });
  }

  #recordMessages(keys: readonly RecordKey[], { session, isAnswer }: { session: number; isAnswer: boolean }) {
    const packed = ([kind, id]: RecordKey) => this.#port.packed(kind, id);
    return recordMessages(keys, packed, { tag: this.#tag, session, isAnswer });
  }

  #recordsCame(from: string, message: Extract<ReconciliationMessage, { kind: "records" }>): void {
    const session = this.#sessions.known(from, message.session);
    this.#intake.came(from);
    this.#port.received(from, message.records, (stored) => this.#stored(from, message, stored));
    if (session === undefined) return;
    session.moved += message.records.length;
    session.more ||= message.more;
    if (message.of > 0 && session.awaiting) { // The first of an answer.
      this.#heard(session);
      session.due += message.of;
    }
    session.due--;
    if (!session.awaiting) this.#closeWhenAllCame(session);
  }

  /** What was merged with ours and came to more than was received goes back; what found no room is asked for now. */
  #stored(from: string, { more }: { more: boolean }, stored: Stored): void {
    const { whole, better } = stored;
    this.#patience.stored(whole, () => this.#puller.resume());
    for (const message of this.#recordMessages(better, { session: 0, isAnswer: false })) {
      this.#port.send(from, this.#channel(from), message);
    }
    const session = this.#sessions.get(from);
    if (!whole && session !== undefined) session.more = true; // It has to be compared again.
    this.#intake.stored(from, { whole, more });
  }

  /** The session that `from` begins. When both began one at the same time, that of the lesser id goes on. */
  #join(from: string, number: number, channel: Channel): Session | undefined {
    const other = this.#sessions.get(from);
    if (other?.ours && !other.answered && this.#port.nodeId < from) return undefined;
    if (other !== undefined) this.#sessions.drop(other);
    this.#leaveToPartner(from);
    return this.#sessions.join(from, number, { tries: channel === "stream" ? 1 : 0 });
  }

  #leaveToPartner(partner: string): void {
    this.#deferred.get(partner)?.();
    this.#deferred.delete(partner);
  }

  #heard(session: Session): void {
    session.cancel();
    session.awaiting = false;
    if (session.answered) return;
    session.answered = true;
    if (session.ours) this.arrivals.spend(session.partner);
  }

  #expect(session: Session, { bulk = false } = {}): void {
    session.awaiting = true;
    session.bulk ||= bulk;
    this.#wait(session, { bulk });
  }

  /** For what is under way to `session`; a bulk takes the stream. */
  #wait(session: Session, { bulk }: { bulk: boolean }): void {
    session.cancel();
    const { partner, tries } = session;
    const byPacket = tries === 0 && !bulk && this.#port.takesPackets(partner);
    const silenceMs = byPacket ? PACKET_SILENCE_MS + 3 * this.#port.timeoutMs(partner) : STREAM_SILENCE_MS;
    session.cancel = this.#port.after(silenceMs, () => {
      this.#sessions.drop(session);
      if (session.ours && tries + 1 < TRIES_MAX) this.#begin(partner, { tries: tries + 1, anew: false });
      else this.#patience.ended(partner, { moved: session.moved > 0 });
    });
  }

  /** Everything was said. Whoever began takes the other's for all that there is, when all of it has come. */
  #closeWhenAllCame(session: Session): void {
    if (session.ours && session.due > 0) return this.#wait(session, { bulk: session.due > 1 });
    this.#sessions.drop(session);
    const { partner } = session;
    this.#patience.ended(partner, { moved: session.moved > 0 });
    if (!session.ours) return;
    if (session.more && session.moved > 0) this.#intake.goOn(partner);
    else this.#intake.finish(partner);
  }

  /** More differs than one session has room for: the next one begins when the records of the last are on disk. */
  #goOn(partner: string): void {
    if (this.#sessions.has(partner) || !this.#patience.mayGoOn(partner)) return;
    this.#begin(partner, { tries: 0, anew: true });
  }

  /** Nothing is left to ask `partner` for, unless a part of it was left out, or is being compared again. */
  #finish(partner: string): void {
    const isBusy = this.#puller.isBusy || this.#sessions.has(partner) || this.#intake.isUnfinished(partner);
    if (!isBusy && !this.#patience.diskFails) this.#port.finished(partner);
  }

  #send({ partner, tries }: Session, message: ReconciliationMessage): void {
    this.#port.send(partner, tries > 0 ? "stream" : this.#channel(partner), message);
  }

  #channel(partner: string): Channel {
    return this.#port.takesPackets(partner) ? "packet" : "stream";
  }

  get #tag(): string {
    return tagOf(this.#port.lineage() ?? "");
  }
}
