import type { BootId, NodeId } from "../membership/mod.ts";
import { authorNamed, authorOf, NO_READING, type Reading, readingOf, type Stamp } from "../records/mod.ts";

/** What a server remembers of its last agreement with another one, over restarts. */
export interface Agreement {
  readonly id: NodeId;
  /** Our clock's reading: what we wrote up to here, the other one has. */
  readonly reading: Reading;
  /** The other one's process, and the reading that it had on disk. */
  readonly bootId: BootId;
  readonly floor: Reading;
}

/** Agreements are put on disk so soon, in milliseconds, many together: they are noted with every probe while people write. */
const KEEP_MS = 1_000;

/** The last agreement with each member, remembered on disk a moment later. */
export class Agreements {
  readonly #byId = new Map<NodeId, Agreement>();
  readonly #byAuthor = new Map<string, Agreement>();
  readonly #unkept = new Set<NodeId>();

  constructor(
    remembered: readonly Agreement[],
    private readonly port: {
      after(delayMs: number, callback: () => void): void;
      keep(agreements: readonly Agreement[]): void;
    },
  ) {
    for (const agreement of remembered) this.#put(agreement);
  }

  get(id: NodeId): Agreement | undefined {
    return this.#byId.get(id);
  }

  /** Whether its author, member or not, had agreed with us after it wrote that: then it was here. */
  includes(stamp: Stamp): boolean {
    return readingOf(stamp) <= (this.#byAuthor.get(authorOf(stamp))?.floor ?? NO_READING);
  }

  #put(agreement: Agreement): void {
    this.#byId.set(agreement.id, agreement);
    this.#byAuthor.set(authorNamed(agreement.id), agreement);
  }

  /** Equal roots. Nothing is written where nothing has changed: an idle cluster leaves its disks alone. */
  note(agreement: Agreement): void {
    const { id, reading, bootId, floor } = agreement;
    const before = this.#byId.get(id);
    if (before?.reading === reading && before.bootId === bootId && before.floor === floor) return;
    this.#put(agreement);
    if (this.#unkept.size === 0) this.port.after(KEEP_MS, () => this.#keep());
    this.#unkept.add(id);
  }

  /** What we wrote up to here, at least one of `ids` has. */
  greatest(ids: Iterable<NodeId>): Reading {
    let greatest = NO_READING;
    for (const id of ids) {
      const reading = this.#byId.get(id)?.reading ?? NO_READING;
      if (reading > greatest) greatest = reading;
    }
    return greatest;
  }

  #keep(): void {
    const agreements = [...this.#unkept].map((id) => this.#byId.get(id)!);
    this.#unkept.clear();
    this.port.keep(agreements);
  }
}
