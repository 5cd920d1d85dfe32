import { type RecordKind, sipHash, type SipKey, sipKeyOf, type Version } from "../records/mod.ts";
import { type Fingerprinted, FingerprintTree, type IdKeeper } from "./fingerprint_tree.ts";
import { sumText } from "./sum.ts";

/**
 * Keyed fingerprints of all (id, version) a server holds, by kind and in id order. Equal sets have equal roots; that unequal ones
 * have, too, is a matter of 2^-64, and the key (the lineage) keeps data sets apart.
 */
export class FingerprintIndex {
  readonly #keys = new Map<RecordKind, SipKey>();
  readonly #trees = new Map<RecordKind, FingerprintTree>();
  #roots: ReadonlyArray<readonly [RecordKind, string]> | undefined;

  /** @param ids knows the number of each record that is put in, by its id */
  constructor(private readonly key: string, private readonly ids: IdKeeper) {}

  /** Puts in a record, in place of its version before. */
  set({ kind, id }: { readonly kind: RecordKind; readonly id: string }, number: number, version: Version): void {
    let tree = this.#trees.get(kind);
    if (tree === undefined) this.#trees.set(kind, tree = new FingerprintTree(this.ids));
    const { high, low } = sipHash(this.#keyOf(kind), `${id}/${version}`);
    tree.set(id, { number, high, low });
    this.#roots = undefined;
  }

  #keyOf(kind: RecordKind): SipKey {
    let key = this.#keys.get(kind);
    if (key === undefined) this.#keys.set(kind, key = sipKeyOf(`${this.key}/${kind}`));
    return key;
  }

  /** Takes out a record; false when it was not there. */
  delete(kind: RecordKind, id: string): boolean {
    this.#roots = undefined;
    return this.#trees.get(kind)?.delete(id) ?? false;
  }

  /** The records of one kind; undefined when there never was one. */
  tree(kind: RecordKind): FingerprintTree | undefined {
    return this.#trees.get(kind);
  }

  /** All that was put in, kind after kind. */
  *entries(): Generator<Fingerprinted> {
    for (const tree of this.#trees.values()) yield* tree.entries(0);
  }

  /** 16 hex digits for each kind that is not empty, kinds in text order. */
  get roots(): ReadonlyArray<readonly [RecordKind, string]> {
    if (this.#roots === undefined) {
      const roots: Array<readonly [RecordKind, string]> = [];
      for (const [kind, { sum }] of this.#trees) if (sum.count > 0) roots.push([kind, sumText(sum)]);
      this.#roots = roots.sort(([a], [b]) => a < b ? -1 : 1);
    }
    return this.#roots;
  }

  /** Whether another server's roots say that it holds exactly the same. */
  equals(roots: ReadonlyArray<readonly [RecordKind, string]>): boolean {
    const ours = this.roots;
    return ours.length === roots.length &&
      ours.every(([kind, root], at) => kind === roots[at][0] && root === roots[at][1]);
  }

  /** The kinds in which another server's roots say that it holds something else, in text order. */
  differing(roots: ReadonlyArray<readonly [RecordKind, string]>): RecordKind[] {
    const theirs = new Map(roots);
    const ours = new Map(this.roots);
    const kinds = new Set([...ours.keys(), ...theirs.keys()]);
    return [...kinds].filter((kind) => ours.get(kind) !== theirs.get(kind)).sort();
  }
}
