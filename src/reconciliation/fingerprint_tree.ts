import { addHash, addSum, emptySum, removeHash, removeSum, type Sum } from "./sum.ts";

/** Entries of a leaf, and children of a branch: a leaf is searched in six steps and summed in a microsecond. */
const LEAF_ENTRIES_MAX = 64;
const BRANCH_CHILDREN_MAX = 32;

/** Two neighbours that together fill at most this share of one node become one; so does an empty one with any other. */
const MERGE_SHARE = 0.5;

interface Leaf extends Sum {
  readonly ids: string[];
  /** Hash of each entry, its high half and then its low half. */
  readonly hashes: number[];
  readonly children?: undefined;
}

interface Branch extends Sum {
  readonly children: Node[];
  /** No id below the i-th child is less than the i-th bound, and none of an earlier child reaches it. The first is "". */
  readonly bounds: string[];
}

type Node = Leaf | Branch;

/**
 * Ids in text order, each with a 64-bit hash: a counted B+-tree whose nodes sum the hashes below them. Putting in, taking out, the
 * sum of a range, rank and selection take O(log n).
 */
export class FingerprintTree {
  #root: Node = newLeaf();

  /** Sum of all hashes. */
  get sum(): Readonly<Sum> {
    return this.#root;
  }

  /** Puts in an id, or gives the one that is there another hash. */
  set(id: string, high: number, low: number): void {
    const split = setIn(this.#root, id, high, low);
    if (split === undefined) return;
    const children = [this.#root, split.node];
    this.#root = { children, bounds: ["", split.bound], ...totalOf(children) };
  }

  /** Takes out an id; false when it was not there. */
  delete(id: string): boolean {
    const removed = deleteIn(this.#root, id);
    while (this.#root.children?.length === 1) this.#root = this.#root.children[0];
    return removed;
  }

  /** Sum of the hashes of all ids before `bound`; null is behind the last. */
  below(bound: string | null): Sum {
    if (bound === null) return { high: this.#root.high, low: this.#root.low, count: this.#root.count };
    const sum = emptySum();
    let node = this.#root;
    while (node.children !== undefined) {
      const at = childOf(node, bound);
      for (let i = 0; i < at; i++) addSum(sum, node.children[i]);
      node = node.children[at];
    }
    const end = placeOf(node.ids, bound);
    for (let i = 0; i < end; i++) addHash(sum, node.hashes[2 * i], node.hashes[2 * i + 1]);
    return sum;
  }

  /** Sum of the hashes from `lower` up to and without `upper`. */
  between(lower: string, upper: string | null): Sum {
    const sum = this.below(upper);
    removeSum(sum, this.below(lower));
    return sum;
  }

  /** Hash of an id; undefined when it is not there. */
  get(id: string): { readonly high: number; readonly low: number } | undefined {
    let node = this.#root;
    while (node.children !== undefined) node = node.children[childOf(node, id)];
    const at = placeOf(node.ids, id);
    return node.ids[at] === id ? { high: node.hashes[2 * at], low: node.hashes[2 * at + 1] } : undefined;
  }

  /** How many ids come before `bound`. */
  rank(bound: string): number {
    let rank = 0;
    let node = this.#root;
    while (node.children !== undefined) {
      const at = childOf(node, bound);
      for (let i = 0; i < at; i++) rank += node.children[i].count;
      node = node.children[at];
    }
    return rank + placeOf(node.ids, bound);
  }

  /** The entries from place `rank` on, `count` at most, in order. */
  *entries(rank: number, count = Infinity): Generator<{ id: string; high: number; low: number }> {
    let left = count;
    for (let at = rank; at < this.#root.count && left > 0;) {
      const { leaf, place } = this.#leafAt(at);
      for (let i = place; i < leaf.ids.length && left > 0; i++, at++, left--) {
        yield { id: leaf.ids[i], high: leaf.hashes[2 * i], low: leaf.hashes[2 * i + 1] };
      }
    }
  }

  /** The id at place `rank`, from 0; undefined past the last. */
  select(rank: number): string | undefined {
    if (rank < 0 || rank >= this.#root.count) return undefined;
    const { leaf, place } = this.#leafAt(rank);
    return leaf.ids[place];
  }

  #leafAt(rank: number): { leaf: Leaf; place: number } {
    let node = this.#root;
    let place = rank;
    while (node.children !== undefined) {
      let i = 0;
      while (place >= node.children[i].count) place -= node.children[i++].count;
      node = node.children[i];
    }
    return { leaf: node, place };
  }
}

function newLeaf(ids: string[] = [], hashes: number[] = []): Leaf {
  const leaf: Leaf = { ids, hashes, ...emptySum() };
  for (let i = 0; i < ids.length; i++) addHash(leaf, hashes[2 * i], hashes[2 * i + 1]);
  return leaf;
}

function totalOf(children: readonly Node[]): Sum {
  const sum = emptySum();
  for (const child of children) addSum(sum, child);
  return sum;
}

/** Place of the first of the sorted `ids` that is not less than `bound`. */
function placeOf(ids: readonly string[], bound: string): number {
  let low = 0, high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Which child `id` belongs to. */
function childOf({ bounds }: Branch, id: string): number {
  let low = 0, high = bounds.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bounds[middle] <= id) low = middle;
    else high = middle;
  }
  return low;
}

/** What a full node gave away: its right part, and the bound before it. */
interface Split {
  readonly node: Node;
  readonly bound: string;
}

function setIn(node: Node, id: string, high: number, low: number): Split | undefined {
  if (node.children === undefined) return setInLeaf(node, id, high, low);
  const at = childOf(node, id);
  const child = node.children[at];
  const before: Sum = { high: child.high, low: child.low, count: child.count };
  const split = setIn(child, id, high, low);
  removeSum(node, before);
  addSum(node, child);
  if (split === undefined) return undefined;
  addSum(node, split.node);
  node.children.splice(at + 1, 0, split.node);
  node.bounds.splice(at + 1, 0, split.bound);
  return node.children.length > BRANCH_CHILDREN_MAX ? splitBranch(node) : undefined;
}

function setInLeaf(leaf: Leaf, id: string, high: number, low: number): Split | undefined {
  const { ids, hashes } = leaf;
  const at = placeOf(ids, id);
  if (ids[at] === id) {
    removeHash(leaf, hashes[2 * at], hashes[2 * at + 1]);
    hashes[2 * at] = high;
    hashes[2 * at + 1] = low;
    addHash(leaf, high, low);
    return undefined;
  }
  // Ids mostly come in order: then full leaves stay full.
  if (ids.length === LEAF_ENTRIES_MAX && at === ids.length) return { node: newLeaf([id], [high, low]), bound: id };
  ids.splice(at, 0, id);
  hashes.splice(2 * at, 0, high, low);
  addHash(leaf, high, low);
  if (ids.length <= LEAF_ENTRIES_MAX) return undefined;
  const half = ids.length >> 1;
  const right = newLeaf(ids.splice(half), hashes.splice(2 * half));
  removeSum(leaf, right);
  return { node: right, bound: right.ids[0] };
}

function splitBranch(branch: Branch): Split {
  // In order again: the left part stays nearly full.
  const keep = branch.children.length - 2;
  const children = branch.children.splice(keep);
  const bounds = branch.bounds.splice(keep);
  const [bound] = bounds;
  bounds[0] = "";
  const right: Branch = { children, bounds, ...totalOf(children) };
  removeSum(branch, right);
  return { node: right, bound };
}

function deleteIn(node: Node, id: string): boolean {
  if (node.children === undefined) {
    const at = placeOf(node.ids, id);
    if (node.ids[at] !== id) return false;
    const [high, low] = node.hashes.splice(2 * at, 2);
    node.ids.splice(at, 1);
    removeHash(node, high, low);
    return true;
  }
  const at = childOf(node, id);
  const child = node.children[at];
  const before: Sum = { high: child.high, low: child.low, count: child.count };
  if (!deleteIn(child, id)) return false;
  removeSum(node, before);
  addSum(node, child);
  if (at > 0) mergeChildren(node, at - 1);
  else if (node.children.length > 1) mergeChildren(node, 0);
  return true;
}

/** Makes one of two neighbours that have become small. */
function mergeChildren({ children, bounds }: Branch, at: number): void {
  const left = children[at], right = children[at + 1];
  if (left.children === undefined && right.children === undefined) {
    const isSmall = left.ids.length + right.ids.length <= LEAF_ENTRIES_MAX * MERGE_SHARE;
    if (!isSmall && left.ids.length > 0 && right.ids.length > 0) return;
    left.ids.push(...right.ids);
    left.hashes.push(...right.hashes);
  } else if (left.children !== undefined && right.children !== undefined) {
    if (left.children.length + right.children.length > BRANCH_CHILDREN_MAX * MERGE_SHARE) return;
    left.children.push(...right.children);
    left.bounds.push(bounds[at + 1], ...right.bounds.slice(1));
  } else return;
  addSum(left, right);
  children.splice(at + 1, 1);
  bounds.splice(at + 1, 1);
}
