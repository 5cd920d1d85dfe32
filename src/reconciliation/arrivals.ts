import type { RecordKind } from "../records/mod.ts";
import type { RecordKey } from "./message.ts";

/** Records whose last arrival is known: those of some minutes, at any speed that people write. */
const ARRIVALS_MAX = 20_000;
/** Forgotten at once when there are more: a map whose first entries go one by one is searched from its very beginning each time. */
const FORGOTTEN_AT_ONCE = 1_000;

interface Agreement {
  /** Number of the last arrival before it. */
  readonly number: number;
  /** What came since has been named without coming to the same. */
  spent: boolean;
}

/**
 * Numbers what arrives here, by writing or from others, and remembers at which number this server and each other one last held the
 * same. What came since is all that the other can lack of us: also an old stamp that came late, through a third.
 */
export class Arrivals {
  /** By record, in the order of their last arrival. */
  readonly #numbers = new Map<string, { readonly key: RecordKey; readonly number: number }>();
  readonly #agreements = new Map<string, Agreement>();
  #last = 0;
  #forgottenUpTo = 0;

  /** A record was put in, or changed. */
  arrived(kind: RecordKind, id: string): void {
    const name = `${kind}/${id}`;
    this.#numbers.delete(name);
    this.#numbers.set(name, { key: [kind, id], number: ++this.#last });
    if (this.#numbers.size <= ARRIVALS_MAX) return;
    let left = FORGOTTEN_AT_ONCE;
    for (const [oldest, { number }] of this.#numbers) {
      this.#numbers.delete(oldest);
      this.#forgottenUpTo = number;
      if (--left === 0) return;
    }
  }

  /** A record was let go: nobody is to ask for it. */
  left(kind: RecordKind, id: string): void {
    this.#numbers.delete(`${kind}/${id}`);
  }

  /** `partner` said roots that are equal to ours. */
  agreed(partner: string): void {
    this.#agreements.set(partner, { number: this.#last, spent: false });
  }

  /** `partner` is no member any more. */
  forget(partner: string): void {
    this.#agreements.delete(partner);
  }

  /** What arrived since then and now, in no particular order; undefined when that is not known, or did not suffice before. */
  since(partner: string): RecordKey[] | undefined {
    const agreement = this.#agreements.get(partner);
    if (agreement === undefined || agreement.spent || agreement.number < this.#forgottenUpTo) return undefined;
    const keys: RecordKey[] = [];
    for (const { key, number } of this.#numbers.values()) if (number > agreement.number) keys.push(key);
    return keys;
  }

  /** How many arrivals since then {@link since} has to look at; 0 when it has nothing to tell. */
  countSince(partner: string): number {
    const agreement = this.#agreements.get(partner);
    return agreement === undefined || agreement.spent ? 0 : this.#last - agreement.number;
  }

  /** What came since the last agreement is being named; if that does not lead to another one, something else has to. */
  spend(partner: string): void {
    const agreement = this.#agreements.get(partner);
    if (agreement !== undefined) agreement.spent = true;
  }

  /** All records whose last arrival is known. */
  *recent(): Generator<RecordKey> {
    for (const { key } of this.#numbers.values()) yield key;
  }
}
