import { assert } from "../base/mod.ts";
import type { RecordKind } from "../records/mod.ts";
import { splitBounds } from "./bounds.ts";
import type { FingerprintIndex } from "./fingerprint_index.ts";
import { FingerprintTree } from "./fingerprint_tree.ts";
import type { Part, RecordKey, Span } from "./message.ts";
import { shortFingerprint, shortHash } from "./short_hash.ts";

/** Parts that a range is cut into: 10,000 records are 625, then 40, which are listed. */
const FANOUT = 16;
/** Up to so many records are listed rather than cut again: a list of them costs about as much as the cut. */
const LIST_RECORDS_MAX = 48;
/** Who holds far more than the other listed, says what of it where, so that the other can pull it. */
const ANSWERED_RECORDS_MAX = 8 * LIST_RECORDS_MAX;
/** Fingerprints of one message: 10 kB, or 1,000 differences. */
const FINGERPRINTS_MAX = 4_096;
/** Hashes in the lists of one message: 75 kB. */
const LISTED_MAX = 25_000;
/** Kinds of which one message speaks: peers may bring any number, ours are seven. */
const SPANS_MAX = 256;
/** Up to so many listed records 16 bits tell them apart well enough; past it 24. */
const FEW_LISTED_MAX = 256;

/** Of a kind of which we hold nothing. */
const EMPTY_TREE = new FingerprintTree({ idOf: () => "", compare: () => 0 });

/** All records of one kind from `from` up to and without `upTo`, of which this server holds none. */
export interface Segment {
  readonly recordKind: RecordKind;
  readonly from: string;
  readonly upTo: string | null;
}

type Draft =
  | Exclude<Part, { kind: "list" }>
  | { kind: "list"; upper: string | null; entries: ReadonlyArray<{ high: number; low: number }> };

/** How many records the lists of `spans` name. */
export function listedCount(spans: readonly Span[]): number {
  const inPart = (part: Part) => part.kind === "list" ? part.hashes.length : 0;
  return spans.reduce((sum, { parts }) => sum + parts.reduce((sum, part) => sum + inPart(part), 0), 0);
}

/** What one server makes of the spans of another: its answer, bit by bit. */
export class Comparison {
  readonly #index: FingerprintIndex;
  readonly #salt: number;
  readonly #spans: Array<{ recordKind: RecordKind; lower: string; parts: Draft[] }> = [];
  #fingerprints = 0;
  /** What our lists name, in order. */
  readonly listed: RecordKey[] = [];
  /** Places in their lists of what we do not hold. */
  readonly wanted: number[] = [];
  /** What we hold, and they lack or hold in another version. */
  readonly unsure: RecordKey[] = [];
  /** What we hold, and they lack for sure. */
  readonly lacking: RecordKey[] = [];
  /** Where we hold nothing, and they do. */
  readonly empty: Segment[] = [];
  /** Not everything found room. */
  more = false;

  constructor(index: FingerprintIndex, salt: number) {
    this.#index = index;
    this.#salt = salt;
  }

  /** Says what we hold of one kind, before they said anything. */
  begin(recordKind: RecordKind): void {
    this.#span(recordKind, "");
    this.#describe(recordKind, "", null);
  }

  /** Says of one kind only whether we hold the same. */
  outline(recordKind: RecordKind): void {
    this.#span(recordKind, "");
    const sum = this.#tree(recordKind).sum;
    this.#part({ kind: "fingerprint", upper: null, fingerprint: shortFingerprint(sum, this.#salt) });
  }

  /** The same of all kinds that we hold. */
  outlineAll(): void {
    for (const [kind] of this.#index.roots) this.outline(kind);
  }

  /** Answers the spans of the other server, whose lists have hashes of `hashBits` bits. */
  answer(spans: readonly Span[], hashBits: number): void {
    let place = 0;
    for (const { recordKind, lower, parts } of spans) {
      this.#span(recordKind, lower);
      let from = lower;
      for (const part of parts) {
        const { upper } = part;
        const isRange = upper === null || from < upper;
        if (!isRange) this.#part({ kind: "skip", upper });
        else if (part.kind === "fingerprint") this.#answerFingerprint(recordKind, from, part);
        else if (part.kind === "list") this.#answerList(recordKind, from, part, { place, hashBits });
        else this.#part(part);
        if (part.kind === "list") place += part.hashes.length;
        if (upper === null) break;
        from = upper;
      }
    }
  }

  /** There is nothing to say. */
  get isSilent(): boolean {
    return this.#spans.every(({ parts }) => parts.every(({ kind }) => kind === "skip"));
  }

  /** The spans to send, without those that say nothing, and the bits of their hashes. */
  finish(): { spans: Span[]; hashBits: number } {
    const hashBits = this.listed.length <= FEW_LISTED_MAX ? 16 : 24;
    const spans: Span[] = [];
    for (const { recordKind, lower, parts } of this.#spans) {
      const trimmed = withoutSkips(lower, parts);
      if (trimmed === undefined) continue;
      if (spans.length >= SPANS_MAX) {
        this.more = true;
        break;
      }
      spans.push({
        recordKind,
        lower: trimmed.lower,
        parts: trimmed.parts.map((part) =>
          part.kind === "list"
            ? {
              kind: "list",
              upper: part.upper,
              hashes: part.entries.map((entry) => shortHash(entry, this.#salt, hashBits)),
            }
            : part
        ),
      });
    }
    return { spans, hashBits };
  }

  #answerFingerprint(recordKind: RecordKind, from: string, part: Extract<Part, { kind: "fingerprint" }>): void {
    const { upper } = part;
    const ours = this.#tree(recordKind).between(from, upper);
    if (shortFingerprint(ours, this.#salt) === part.fingerprint) return this.#part({ kind: "skip", upper });
    if (ours.count === 0) {
      this.empty.push({ recordKind, from, upTo: upper });
      return this.#part({ kind: "skip", upper });
    }
    this.#describe(recordKind, from, upper);
  }

  #answerList(
    recordKind: RecordKind,
    from: string,
    { upper, hashes }: Extract<Part, { kind: "list" }>,
    { place, hashBits }: { place: number; hashBits: number },
  ): void {
    const tree = this.#tree(recordKind);
    const first = tree.rank(from);
    const count = (upper === null ? tree.sum.count : tree.rank(upper)) - first;
    if (count > Math.max(ANSWERED_RECORDS_MAX, 2 * hashes.length)) return this.#describe(recordKind, from, upper);
    const ours = new Map<number, string>();
    for (const entry of tree.entries(first, count)) {
      ours.set(shortHash(entry, this.#salt, hashBits), tree.idOf(entry));
    }
    const wantedBefore = this.wanted.length;
    for (const [i, hash] of hashes.entries()) if (!ours.delete(hash)) this.wanted.push(place + i);
    // Where they hold nothing that we do not, ours is no other version of it.
    const target = this.wanted.length > wantedBefore ? this.unsure : this.lacking;
    for (const id of ours.values()) target.push([recordKind, id]);
    this.#part({ kind: "skip", upper });
  }

  /** Says what we hold in a range: as a list if it is short, else cut into parts. */
  #describe(recordKind: RecordKind, from: string, upper: string | null): void {
    const tree = this.#tree(recordKind);
    const first = tree.rank(from);
    const last = upper === null ? tree.sum.count : tree.rank(upper);
    if (last - first <= LIST_RECORDS_MAX) {
      if (this.listed.length + last - first > LISTED_MAX) return this.#leaveOut(upper);
      const entries = [...tree.entries(first, last - first)];
      for (const entry of entries) this.listed.push([recordKind, tree.idOf(entry)]);
      return this.#part({ kind: "list", upper, entries });
    }
    if (this.#fingerprints + FANOUT > FINGERPRINTS_MAX) return this.#leaveOut(upper);
    this.#fingerprints += FANOUT;
    let lower = from;
    for (const bound of [...splitBounds(tree, { first, last, parts: FANOUT }), upper]) {
      const fingerprint = shortFingerprint(tree.between(lower, bound), this.#salt);
      this.#part({ kind: "fingerprint", upper: bound, fingerprint });
      if (bound !== null) lower = bound;
    }
  }

  #leaveOut(upper: string | null): void {
    this.more = true;
    this.#part({ kind: "skip", upper });
  }

  #span(recordKind: RecordKind, lower: string): void {
    this.#spans.push({ recordKind, lower, parts: [] });
  }

  #part(part: Draft): void {
    const span = this.#spans.at(-1);
    assert(span !== undefined, "Cannot describe a range: no span has begun");
    span.parts.push(part);
  }

  #tree(recordKind: RecordKind): FingerprintTree {
    return this.#index.tree(recordKind) ?? EMPTY_TREE;
  }
}

/** Joins skips that follow each other, and drops those at both ends; undefined when nothing is left. */
function withoutSkips(lower: string, parts: readonly Draft[]): { lower: string; parts: Draft[] } | undefined {
  const kept: Draft[] = [];
  let start = lower;
  for (const part of parts) {
    if (part.kind !== "skip") kept.push(part);
    else if (kept.length === 0) start = part.upper ?? start;
    else if (kept[kept.length - 1].kind === "skip") kept[kept.length - 1] = part;
    else kept.push(part);
  }
  if (kept.at(-1)?.kind === "skip") kept.pop();
  return kept.length === 0 ? undefined : { lower: start, parts: kept };
}
