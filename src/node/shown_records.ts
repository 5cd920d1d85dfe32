import type { Clock } from "../base/mod.ts";
import type { RecordChange, RecordRow, RecordTable } from "../cluster/mod.ts";
import {
  isPackedTombstoneAt,
  normaliseName,
  type RecordKind,
  type RecordState,
  recordVersion,
  type RecordView,
  uniqueNames,
  unpackRecord,
  viewRecord,
} from "../records/mod.ts";

/** Copies shown before they are on disk. Of more at once, as in a first copy, nobody waits for a single one. */
const COPIES_MAX = 100;

/** A disk that refused a commit, and may do so again, is not relied on so long, in milliseconds. */
const DISTRUST_MS = 60_000;

/** A record of another server on its way to this server's disk. It is taken apart when somebody asks for it. */
class Copy {
  #state: RecordState | undefined;
  #view: RecordView | undefined;

  constructor(readonly token: number, readonly kind: RecordKind, readonly id: string, readonly packed: Uint8Array) {}

  get isDeleted(): boolean {
    return isPackedTombstoneAt(this.packed, 0);
  }

  get view(): RecordView | undefined {
    if (this.isDeleted) return undefined;
    return this.#view ??= viewRecord(this.state, recordVersion(this.packed));
  }

  get state(): RecordState {
    return this.#state ??= unpackRecord(this.packed);
  }

  get change(): RecordChange {
    return { kind: this.kind, id: this.id, change: this.isDeleted ? "deleted" : "changed" };
  }

  claims(field: string, name: string): boolean {
    return uniqueNames(this.state).some((claim) => claim.field === field && claim.name === name);
  }
}

/**
 * What readers see: what is on this server's disk, and what is on its way there and on another server's already. The disk of each server
 * that a change passes through would else be waited for. Should ours refuse a copy, it is not shown any more.
 */
export class ShownRecords {
  readonly #table: RecordTable;
  readonly #clock: Clock;
  readonly #copies = new Map<string, Copy>();
  /** Monotonic clock, milliseconds: until then nothing is shown before it is on our disk. */
  #trustedAtMs = -Infinity;
  /** `kind/id` of what the commits that just ended change, and was told of when it came. */
  #told = new Set<string>();

  constructor(table: RecordTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /**
   * Shows what the commit `token` will leave of records that other servers hold.
   *
   * @returns what changed by that
   */
  add(token: number, rows: readonly RecordRow[]): RecordChange[] {
    // What our disk refuses is sent again and again: it must not be shown and withdrawn each time.
    if (this.#clock.monotonicMs() < this.#trustedAtMs) return [];
    if (this.#copies.size + rows.length > COPIES_MAX) return [];
    const changes: RecordChange[] = [];
    for (const { kind, id, packed, isAside } of rows) {
      if (packed === undefined || isAside) continue;
      const copy = new Copy(token, kind, id, packed);
      this.#copies.set(keyOf(copy), copy);
      changes.push(copy.change);
    }
    return changes;
  }

  /** These commits are on disk: what the table holds counts from now on. `follow` does what follows from that. */
  settle(tokens: readonly number[], follow: () => void): void {
    // Which of two rivals has a name is judged by what is on disk: of who loses it, or did so before, is told once more, while it is there.
    const told = this.#remove(tokens).filter(({ kind, id, isDeleted }) =>
      isDeleted || !this.#table.losesName(kind, id)
    );
    this.#told = new Set(told.map(keyOf));
    follow();
    this.#told.clear();
  }

  /** Of these changes those that nobody was told of. */
  untold(changes: readonly RecordChange[]): RecordChange[] {
    return changes.filter((change) => !this.#told.has(keyOf(change)) || this.#table.losesName(change.kind, change.id));
  }

  /**
   * The commit failed: what it holds is not shown any more, and other commits have to prove themselves first.
   *
   * @returns what changed by that
   */
  withdraw(token: number): RecordChange[] {
    this.#trustedAtMs = this.#clock.monotonicMs() + DISTRUST_MS;
    return this.#remove([token]).map(({ kind, id }) => ({
      kind,
      id,
      change: this.#table.view(kind, id) === undefined ? "deleted" : "changed",
    }));
  }

  /** An existing record. */
  view(kind: RecordKind, id: string): RecordView | undefined {
    const copy = this.#copyOf(kind, id);
    return copy === undefined ? this.#table.view(kind, id) : copy.view;
  }

  /** Existing records of a kind, in id order. */
  views(kind: RecordKind): RecordView[] {
    const views = this.#table.views(kind);
    const copies = this.#copiesOf(kind);
    if (copies.length === 0) return views;
    const byId = new Map(views.map((view) => [view.id, view]));
    for (const { id, view } of copies) {
      if (view === undefined) byId.delete(id);
      else byId.set(id, view);
    }
    return [...byId.values()].sort((a, b) => a.id < b.id ? -1 : 1);
  }

  /** Existing records of a kind. */
  count(kind: RecordKind): number {
    let count = this.#table.count(kind);
    for (const { id, isDeleted } of this.#copiesOf(kind)) {
      count += Number(!isDeleted) - Number(this.#table.view(kind, id) !== undefined);
    }
    return count;
  }

  /** Id of the record that owns a unique name. Which of two rivals that is, counts only when both are on disk. */
  owner(kind: RecordKind, field: string, name: string): string | undefined {
    const owner = this.#table.owner(kind, field, name);
    if (this.#copies.size === 0) return owner;
    const wanted = normaliseName(kind, field, name);
    const copy = owner === undefined ? undefined : this.#copyOf(kind, owner);
    if (owner !== undefined && (copy === undefined || copy.claims(field, wanted))) return owner;
    return this.#copiesOf(kind).find((copy) => copy.claims(field, wanted))?.id;
  }

  #remove(tokens: readonly number[]): Copy[] {
    const removed: Copy[] = [];
    if (this.#copies.size === 0) return removed;
    const ended = new Set(tokens);
    for (const [key, copy] of this.#copies) {
      if (!ended.has(copy.token)) continue;
      this.#copies.delete(key);
      removed.push(copy);
    }
    return removed;
  }

  #copyOf(kind: RecordKind, id: string): Copy | undefined {
    return this.#copies.size === 0 ? undefined : this.#copies.get(`${kind}/${id}`);
  }

  #copiesOf(kind: RecordKind): Copy[] {
    return this.#copies.size === 0 ? [] : [...this.#copies.values()].filter((copy) => copy.kind === kind);
  }
}

function keyOf({ kind, id }: { readonly kind: RecordKind; readonly id: string }): string {
  return `${kind}/${id}`;
}
