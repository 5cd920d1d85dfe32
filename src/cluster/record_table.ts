import { FingerprintIndex } from "../reconciliation/mod.ts";
import { Slabs } from "./slabs.ts";
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

interface Entry {
  readonly packed: Uint8Array;
  readonly version: Version;
  readonly deleted: boolean;
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
      for (const [id, { version }] of entries) this.#index.set(kind, id, version);
    }
  }

  /** Puts in a committed record, in place of the one before. */
  put(state: RecordState, packed: Uint8Array): void {
    const { kind, id } = state;
    let entries = this.#kinds.get(kind);
    if (entries === undefined) this.#kinds.set(kind, entries = new Map());
    const before = entries.get(id);
    const kept = before === undefined ? this.#slabs.keep(packed) : packed;
    const after: Entry = { packed: kept, version: recordVersion(packed), deleted: state.deletedAt !== undefined };
    if (before === undefined) {
      this.#size++;
    } else {
      this.#views.delete(before);
    }
    entries.set(id, after);
    this.#index.set(kind, id, after.version);
    const wasLive = before !== undefined && !before.deleted;
    this.#live.set(kind, (this.#live.get(kind) ?? 0) + Number(!after.deleted) - Number(wasLive));
    if (after.deleted) this.#names.update(state, undefined);
    else this.#names.update(undefined, state);
  }

  version(kind: RecordKind, id: string): Version | undefined {
    return this.#kinds.get(kind)?.get(id)?.version;
  }

  packed(kind: RecordKind, id: string): Uint8Array | undefined {
    return this.#kinds.get(kind)?.get(id)?.packed;
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

  /** An existing record; tombstones are undefined. */
  view(kind: RecordKind, id: string): RecordView | undefined {
    const entry = this.#kinds.get(kind)?.get(id);
    if (entry === undefined || entry.deleted) return undefined;
    let view = this.#views.get(entry);
    if (view === undefined) {
      view = viewRecord(unpackRecord(entry.packed), entry.version);
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
