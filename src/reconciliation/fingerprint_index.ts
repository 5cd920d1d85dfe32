import { hash } from "node:crypto";
import type { RecordKind, Version } from "../records/mod.ts";

/** A sum of 64-bit item hashes, in two halves: order does not matter, and an item can be taken out again. */
interface Sum {
  high: number;
  low: number;
  count: number;
}

/** 2^32. */
const HALF = 4294967296;

/**
 * Keyed fingerprints of all (id, version) a server holds, by kind. Equal sets have equal roots; that unequal ones have, too, is
 * a matter of 2^-64, and the key (the lineage) keeps data sets apart.
 */
export class FingerprintIndex {
  readonly #sums = new Map<RecordKind, Sum>();
  #roots: ReadonlyArray<readonly [RecordKind, string]> | undefined;
  #text: string | undefined;

  constructor(private readonly key: string) {}

  add(kind: RecordKind, id: string, version: Version): void {
    const sum = this.#sum(kind);
    const [high, low] = this.#item(kind, id, version);
    const lowSum = sum.low + low;
    sum.low = lowSum % HALF;
    sum.high = (sum.high + high + (lowSum >= HALF ? 1 : 0)) % HALF;
    sum.count++;
    this.#roots = this.#text = undefined;
  }

  /** Takes out what {@link add} put in; the caller knows that it is there. */
  remove(kind: RecordKind, id: string, version: Version): void {
    const sum = this.#sum(kind);
    const [high, low] = this.#item(kind, id, version);
    const lowRest = sum.low - low;
    sum.low = (lowRest + HALF) % HALF;
    sum.high = (sum.high - high - (lowRest < 0 ? 1 : 0) + 2 * HALF) % HALF;
    sum.count--;
    this.#roots = this.#text = undefined;
  }

  /** 16 hex digits for each kind that is not empty, kinds in text order. */
  get roots(): ReadonlyArray<readonly [RecordKind, string]> {
    if (this.#roots === undefined) {
      const roots: Array<readonly [RecordKind, string]> = [];
      for (const [kind, { high, low, count }] of this.#sums) {
        if (count > 0) roots.push([kind, high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0")]);
      }
      this.#roots = roots.sort(([a], [b]) => a < b ? -1 : 1);
    }
    return this.#roots;
  }

  /** Whether another server's roots say that it holds exactly the same. */
  equals(roots: ReadonlyArray<readonly [RecordKind, string]>): boolean {
    this.#text ??= rootsText(this.roots);
    return rootsText(roots) === this.#text;
  }

  #sum(kind: RecordKind): Sum {
    let sum = this.#sums.get(kind);
    if (sum === undefined) this.#sums.set(kind, sum = { high: 0, low: 0, count: 0 });
    return sum;
  }

  #item(kind: RecordKind, id: string, version: Version): [high: number, low: number] {
    const digest = hash("sha256", `${this.key}/${kind}/${id}/${version}`);
    return [parseInt(digest.slice(0, 8), 16), parseInt(digest.slice(8, 16), 16)];
  }
}

function rootsText(roots: ReadonlyArray<readonly [RecordKind, string]>): string {
  let text = "";
  for (const [kind, fingerprint] of roots) text += `${kind}=${fingerprint} `;
  return text;
}
