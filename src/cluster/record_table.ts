import { FingerprintIndex } from "../reconciliation/mod.ts";
import {
  comparePackedIdAt,
  isPackedTombstoneAt,
  NameIndex,
  packedIdAt,
  packedKey,
  packedStampMs,
  packRecord,
  type RecordKind,
  type RecordState,
  recordVersion,
  type RecordView,
  unpackRecord,
  type Version,
  viewRecord,
} from "../records/mod.ts";
import { Slabs } from "./slabs.ts";

/** Decoded views kept for repeated reads. */
const VIEWS_MAX = 4_096;

/**
 * Every committed record and tombstone, in packed form, with what is derived from them: names, fingerprints, order. Each has a number
 * by which the slabs, the names and the index speak of it; none of them keeps an object for it.
 */
export class RecordTable {
  readonly #slabs = new Slabs();
  readonly #live = new Map<RecordKind, number>();
  readonly #views = new Map<number, RecordView>();
  /** What is shown in place of records whose newest version waits for its time; undefined: nothing. */
  readonly #shown = new Map<number, RecordState | undefined>();
  #lineage = "";
  #names = this.#newNames("");
  #index = this.#newIndex("");
  #size = 0;

  /** Records and tombstones. */
  get size(): number {
    return this.#size;
  }

  get index(): FingerprintIndex {
    return this.#index;
  }

  /** Keys what is derived from the records. All of that is made anew, unless the lineage was known before. */
  setLineage(lineage: string): void {
    if (lineage === this.#lineage) return;
    this.#lineage = lineage;
    const before = this.#index;
    this.#index = this.#newIndex(lineage);
    this.#names = this.#newNames(lineage);
    for (const { number } of before.entries()) {
      const bytes = this.#slabs.bytes(number);
      this.#index.set(packedKey(bytes), number, recordVersion(bytes));
      this.#names.update(number, () => undefined, this.#shownAt(number));
    }
  }

  /**
   * Puts in a committed record, in place of the one before; the bytes are copied.
   *
   * @param aside given when it waits for its time: what is shown meanwhile
   */
  put(state: RecordState, packed: Uint8Array, aside?: { readonly shown: RecordState | undefined }): void {
    const { kind } = state;
    const before = this.#numberOf(state.kind, state.id);
    const number = before ?? this.#slabs.add(packed);
    const wasLive = before !== undefined && this.#isLive(before);
    const shown = aside === undefined ? state : aside.shown;
    this.#names.update(number, () => before === undefined ? undefined : this.#shownAt(before), shown);
    if (before === undefined) {
      this.#size++;
    } else {
      this.#slabs.replace(before, packed);
      this.#views.delete(before);
    }
    if (aside === undefined) this.#shown.delete(number);
    else this.#shown.set(number, shown && unpackRecord(packRecord(shown))); // Its own bytes: it may be there for long.
    this.#index.set(state, number, recordVersion(packed));
    this.#live.set(kind, this.count(kind) + Number(this.#isLive(number)) - Number(wasLive));
  }

  /** Takes a record out, as if it had never been; true when it was shown. */
  remove(kind: RecordKind, id: string): boolean {
    const number = this.#numberOf(kind, id);
    if (number === undefined) return false;
    const wasLive = this.#isLive(number);
    this.#names.update(number, () => this.#shownAt(number), undefined);
    this.#shown.delete(number);
    this.#views.delete(number);
    this.#index.delete(kind, id);
    this.#slabs.remove(number);
    this.#size--;
    this.#live.set(kind, this.count(kind) - Number(wasLive));
    return wasLive;
  }

  version(kind: RecordKind, id: string): Version | undefined {
    const packed = this.packed(kind, id);
    return packed === undefined ? undefined : recordVersion(packed);
  }

  packed(kind: RecordKind, id: string): Uint8Array | undefined {
    const number = this.#numberOf(kind, id);
    return number === undefined ? undefined : this.#slabs.bytes(number);
  }

  /** Milliseconds of the greatest stamp of a record or tombstone. */
  stampMs(kind: RecordKind, id: string): number | undefined {
    const packed = this.packed(kind, id);
    return packed === undefined ? undefined : packedStampMs(packed);
  }

  /** The record or tombstone taken apart for merging. */
  state(kind: RecordKind, id: string): RecordState | undefined {
    const packed = this.packed(kind, id);
    return packed === undefined ? undefined : unpackRecord(packed);
  }

  /** As {@link state}, but what waits for its time is left out. */
  shownState(kind: RecordKind, id: string): RecordState | undefined {
    const number = this.#numberOf(kind, id);
    return number === undefined ? undefined : this.#shownAt(number);
  }

  /** Whether its newest version waits for its time. */
  isAside(kind: RecordKind, id: string): boolean {
    if (this.#shown.size === 0) return false;
    const number = this.#numberOf(kind, id);
    return number !== undefined && this.#shown.has(number);
  }

  /** An existing record; tombstones are undefined. */
  view(kind: RecordKind, id: string): RecordView | undefined {
    const number = this.#numberOf(kind, id);
    return number === undefined ? undefined : this.#viewAt(number);
  }

  /** Existing records of a kind, in id order. */
  views(kind: RecordKind): RecordView[] {
    const views: RecordView[] = [];
    for (const { number } of this.#index.tree(kind)?.entries(0) ?? []) {
      const view = this.#viewAt(number);
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  /** Existing records of a kind. */
  count(kind: RecordKind): number {
    return this.#live.get(kind) ?? 0;
  }

  owner(kind: RecordKind, field: string, name: string): string | undefined {
    return this.#names.winner(kind, field, name);
  }

  losesName(kind: RecordKind, id: string): boolean {
    if (!this.#names.hasRivals) return false; // What loses() would find, without a search.
    const number = this.#numberOf(kind, id);
    return number !== undefined && this.#names.loses(number);
  }

  #newNames(lineage: string): NameIndex {
    return new NameIndex(lineage, (number) => this.#shownAt(number), (number) => this.#viewAt(number));
  }

  #newIndex(lineage: string): FingerprintIndex {
    return new FingerprintIndex(lineage, {
      idOf: (number) => {
        const { slab, at } = this.#slabs.place(number);
        return packedIdAt(slab, at);
      },
      compare: (number, text) => {
        const { slab, at } = this.#slabs.place(number);
        return comparePackedIdAt(slab, at, text);
      },
    });
  }

  #numberOf(kind: RecordKind, id: string): number | undefined {
    return this.#index.tree(kind)?.numberOf(id);
  }

  #shownAt(number: number): RecordState | undefined {
    if (this.#shown.size > 0 && this.#shown.has(number)) return this.#shown.get(number);
    return unpackRecord(this.#slabs.bytes(number));
  }

  /** Whether readers are shown it. */
  #isLive(number: number): boolean {
    if (this.#shown.size > 0 && this.#shown.has(number)) {
      const shown = this.#shown.get(number);
      return shown !== undefined && shown.deletedAt === undefined;
    }
    const { slab, at } = this.#slabs.place(number);
    return !isPackedTombstoneAt(slab, at);
  }

  #viewAt(number: number): RecordView | undefined {
    if (!this.#isLive(number)) return undefined;
    let view = this.#views.get(number);
    if (view === undefined) {
      view = viewRecord(this.#shownAt(number)!, recordVersion(this.#slabs.bytes(number)));
      if (this.#views.size >= VIEWS_MAX) this.#views.delete(this.#views.keys().next().value!);
      this.#views.set(number, view);
    }
    return view;
  }
}
