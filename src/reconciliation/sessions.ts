import type { CancelTimer, Random } from "../base/mod.ts";
import type { RecordKey } from "./message.ts";

/** Session numbers, which are salts, too. */
const NUMBERS = 0xffff;
/** What a session about many records brought needs about so long to reach all others, in milliseconds. */
const PASSING_ON_MS = 1_000;

/** A comparison with one partner that is under way. */
export interface Session {
  readonly partner: string;
  readonly number: number;
  /** This server began it. */
  readonly ours: boolean;
  readonly tries: number;
  /** What our last message listed, mentioned or held, in this order. */
  offered: readonly RecordKey[];
  /** The other side has to say something. */
  awaiting: boolean;
  /** Messages of records that the other side announced and that have not come. */
  due: number;
  answered: boolean;
  /** Something differs that found no room. */
  more: boolean;
  /** It is about many records. */
  bulk: boolean;
  /** Records asked for, sent and received. */
  moved: number;
  cancel: CancelTimer;
}

/** The comparisons under way, one with a partner at most. */
export class Sessions {
  readonly #open = new Map<string, Session>();
  /** Partner and end of the last session that moved much. */
  #lastBulk = { partner: "", endedMs: -Infinity };
  #lastNumber: number;

  constructor(private readonly port: { readonly random: Random; nowMs(): number }) {
    this.#lastNumber = port.random.below(NUMBERS);
  }

  /** How many this server began. */
  get ownCount(): number {
    let count = 0;
    for (const { ours } of this.#open.values()) if (ours) count++;
    return count;
  }

  get(partner: string): Session | undefined {
    return this.#open.get(partner);
  }

  has(partner: string): boolean {
    return this.#open.has(partner);
  }

  /** The session with `partner` that has this number. */
  known(partner: string, number: number): Session | undefined {
    const session = this.#open.get(partner);
    return session?.number === number ? session : undefined;
  }

  /** A session of our own, under a new number. */
  begin(partner: string, { tries }: { tries: number }): Session {
    this.#lastNumber = this.#lastNumber % NUMBERS + 1;
    return this.#add(partner, this.#lastNumber, { ours: true, tries });
  }

  /** A session that the partner began. */
  join(partner: string, number: number, { tries }: { tries: number }): Session {
    return this.#add(partner, number, { ours: false, tries });
  }

  /** It has ended, well or not. */
  drop(session: Session): void {
    session.cancel();
    const { partner, bulk, moved } = session;
    if (bulk && moved > 0) this.#lastBulk = { partner, endedMs: this.port.nowMs() };
    if (this.#open.get(partner) === session) this.#open.delete(partner);
  }

  /** Whether much is being exchanged with another partner than `partner`, or was a moment ago. */
  isBusyBeside(partner: string): boolean {
    const { partner: last, endedMs } = this.#lastBulk;
    if (last !== partner && this.port.nowMs() - endedMs < PASSING_ON_MS) return true;
    for (const session of this.#open.values()) if (session.bulk && session.partner !== partner) return true;
    return false;
  }

  #add(partner: string, number: number, { ours, tries }: { ours: boolean; tries: number }): Session {
    const session: Session = {
      partner,
      number,
      ours,
      tries,
      offered: [],
      awaiting: false,
      due: 0,
      answered: false,
      more: false,
      bulk: false,
      moved: 0,
      cancel: () => {},
    };
    this.#open.set(partner, session);
    return session;
  }
}
