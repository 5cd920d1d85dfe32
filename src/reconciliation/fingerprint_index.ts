import { hash } from "node:crypto";
import type { RecordKind, Version } from "../records/mod.ts";
import { FingerprintTree } from "./fingerprint_tree.ts";
import { sipHash, type SipKey } from "./sip_hash.ts";
import { sumText } from "./sum.ts";

/**
 * Keyed fingerprints of all (id, version) a server holds, by kind and in id order. Equal sets have equal roots; that unequal ones
 * have, too, is a matter of 2^-64, and the key (the lineage) keeps data sets apart.
 */
export class FingerprintIndex {
  readonly #keys = new Map<RecordKind, SipKey>();
  readonly #trees = new Map<RecordKind, FingerprintTree>();
  #roots: ReadonlyArray<readonly [RecordKind, string]> | undefined;

  constructor(private readonly key: string) {}

  /** Puts in a record, in place of its version before. */
  set(kind: RecordKind, id: string, version: Version): void {
    let tree = this.#trees.get(kind);
    if (tree === undefined) this.#trees.set(kind, tree = new FingerprintTree());
    const { high, low } = sipHash(this.#keyOf(kind), `${id}/${version}`);
    tree.set(id, high, low);
    this.#roots = undefined;
  }

  #keyOf(kind: RecordKind): SipKey {
    let key = this.#keys.get(kind);
    if (key === undefined) {
      const digest = hash("sha256", `${this.key}/${kind}`, "buffer");
      key = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
      this.#keys.set(kind, key);
    }
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
