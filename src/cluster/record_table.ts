import { FingerprintIndex } from "../reconciliation/mod.ts";
import { ownPlace, type Place, Slabs } from "./slabs.ts";
import {
  NameIndex,
  packedStampMs,
  type RecordKind,
  type RecordState,
  recordVersion,
  type RecordView,
  unpackRecord,
  type Version,
  viewRecord,
} from "../records/mod.ts";

interface Entry extends Place {
  /** Shown to readers. */
  readonly live: boolean;
}

/** Decoded views kept for repeated reads. */
const VIEWS_MAX = 4_096;

/** Every committed record and tombstone, in packed form, with what is derived from them: names, fingerprints, order. */
export class RecordTable {
  readonly #kinds = new Map<RecordKind, Map<string, Entry>>();
  readonly #live = new Map<RecordKind, number>();
  readonly #names = new NameIndex();
  readonly #slabs = new Slabs();
  readonly #views = new Map<Entry, RecordView>();
  /** What is shown in place of records whose newest version waits for its time; undefined: nothing. */
  readonly #shown = new Map<string, RecordState | undefined>();
  #index = new FingerprintIndex("");
  #size = 0;

  /** Records and tombstones. */
  get size(): number {
    return this.#size;
  }

  get index(): FingerprintIndex {
    return this.#index;
  }

  /** Keys the fingerprints; called when the lineage becomes known. */
  setLineage(lineage: string): void {
    this.#index = new FingerprintIndex(lineage);
    for (const [kind, entries] of this.#kinds) {
      for (const [id, entry] of entries) this.#index.set(kind, id, recordVersion(bytesOf(entry)));
    }
  }

  /**
   * Puts in a committed record, in place of the one before.
   *
   * @param aside given when it waits for its time: what is shown meanwhile
   */
  put(state: RecordState, packed: Uint8Array, aside?: { readonly shown: RecordState | undefined }): void {
    const { kind, id } = state;
    let entries = this.#kinds.get(kind);
    if (entries === undefined) this.#kinds.set(kind, entries = new Map());
    const before = entries.get(id);
    const shown = aside === undefined ? state : aside.shown;
    const live = shown !== undefined && shown.deletedAt === undefined;
    const { slab, at, length } = before === undefined ? this.#slabs.keep(packed) : ownPlace(packed);
    if (aside === undefined) this.#shown.delete(`${kind}/${id}`);
    else this.#shown.set(`${kind}/${id}`, shown);
    if (before === undefined) {
      this.#size++;
    } else {
      this.#views.delete(before);
    }
    entries.set(id, { slab, at, length, live });
    this.#index.set(kind, id, recordVersion(packed));
    this.#live.set(kind, (this.#live.get(kind) ?? 0) + Number(live) - Number(before?.live ?? false));
    this.#names.update(state, live ? shown : undefined);
  }

  /** Takes a record out, as if it had never been; true when it was shown. */
  remove(kind: RecordKind, id: string): boolean {
    const entry = this.#kinds.get(kind)?.get(id);
    if (entry === undefined) return false;
    this.#names.update(this.state(kind, id), undefined);
    this.#kinds.get(kind)!.delete(id);
    this.#shown.delete(`${kind}/${id}`);
    this.#views.delete(entry);
    this.#index.delete(kind, id);
    this.#size--;
    this.#live.set(kind, (this.#live.get(kind) ?? 0) - Number(entry.live));
    return entry.live;
  }

  version(kind: RecordKind, id: string): Version | undefined {
    const packed = this.packed(kind, id);
    return packed === undefined ? undefined : recordVersion(packed);
  }

  packed(kind: RecordKind, id: string): Uint8Array | undefined {
    const entry = this.#kinds.get(kind)?.get(id);
    return entry === undefined ? undefined : bytesOf(entry);
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
    return this.isAside(kind, id) ? this.#shown.get(`${kind}/${id}`) : this.state(kind, id);
  }

  /** Whether its newest version waits for its time. */
  isAside(kind: RecordKind, id: string): boolean {
    return this.#shown.size > 0 && this.#shown.has(`${kind}/${id}`);
  }

  /** An existing record; tombstones are undefined. */
  view(kind: RecordKind, id: string): RecordView | undefined {
    const entry = this.#kinds.get(kind)?.get(id);
    if (entry === undefined || !entry.live) return undefined;
    let view = this.#views.get(entry);
    if (view === undefined) {
      view = viewRecord(this.shownState(kind, id)!, recordVersion(bytesOf(entry)));
      if (this.#views.size >= VIEWS_MAX) this.#views.delete(this.#views.keys().next().value!);
      this.#views.set(entry, view);
    }
    return view;
  }

  /** Existing records of a kind, in id order. */
  views(kind: RecordKind): RecordView[] {
    const views: RecordView[] = [];
    for (const { id } of this.#index.tree(kind)?.entries(0) ?? []) {
      const view = this.view(kind, id);
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
    return this.#names.loses(kind, id);
  }
}

function bytesOf({ slab, at, length }: Place): Uint8Array {
  return slab.subarray(at, at + length);
}
