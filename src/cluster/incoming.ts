import type { Channel } from "../membership/mod.ts";
import type { RecordKey, Stored } from "../reconciliation/mod.ts";
import type { ReplicaPort } from "./replica_port.ts";

/** Records that another server sent. */
export interface Incoming {
  readonly from: string;
  /** Sequence of the push to answer; undefined for reconciliation. */
  readonly sequence: number | undefined;
  /** How it came; the answer takes the same way. */
  readonly channel: Channel;
  /** The sender asks to pass on what is new: it does not reach everybody. */
  readonly passOn: boolean;
  /** Called once when all is on disk, or a part of it is lost. */
  readonly done?: (stored: Stored) => void;
  readonly records: readonly Uint8Array[];
}

/** One message of records on its way to disk, in several commits where it is large. */
export class IncomingDelivery {
  /** Those of which we hold more than was sent. */
  readonly better: RecordKey[] = [];
  readonly #news: RecordKey[] = [];
  #commitsLeft: number;
  #isRefused: boolean;
  #isLost = false;

  /** @param all the records of the message that are well formed; they become `commits` commits. `isRefused`: others are not */
  constructor(
    readonly incoming: Incoming,
    private readonly port: Pick<ReplicaPort, "stored" | "log">,
    private readonly all: readonly RecordKey[],
    { commits, isRefused }: { commits: number; isRefused: boolean },
  ) {
    this.#commitsLeft = commits;
    this.#isRefused = isRefused;
  }

  /** Something of it is not taken: the sender may not count on us. */
  refuse(): void {
    this.#isRefused = true;
  }

  /** One commit is done; after the last, whoever sent it hears so, unless a part was lost. */
  stored(news: readonly RecordKey[]): void {
    this.#news.push(...news);
    this.#endPart();
  }

  /** Not acknowledged: reconciliation brings it again. */
  lost(reason: string): void {
    this.#isRefused = this.#isLost = true;
    this.port.log("warn", "Cannot store records of another server", { from: this.incoming.from, reason });
    this.#endPart();
  }

  #endPart(): void {
    this.#commitsLeft--;
    if (this.#commitsLeft > 0) return;
    const { incoming, better } = this;
    if (!this.#isRefused) this.port.stored(incoming, { all: this.all, news: this.#news });
    incoming.done?.({ whole: !this.#isLost, better });
  }
}
