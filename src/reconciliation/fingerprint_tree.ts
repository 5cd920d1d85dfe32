import { addHash, addSum, emptySum, removeHash, removeSum, type Sum } from "./sum.ts";

/** Entries of a leaf, and children of a branch: a leaf is searched in six steps and summed in a microsecond. */
const LEAF_ENTRIES_MAX = 64;
const BRANCH_CHILDREN_MAX = 32;

/** Two neighbours that together fill at most this share of one node become one; so does an empty one with any other. */
const MERGE_SHARE = 0.5;

/** Ids whose numbers are kept at hand, a power of two: a record is looked up several times while it is written. */
const AT_HAND = 512;

/** Who keeps the ids of a tree's entries: the tree itself has numbers for them. Ids are ASCII. */
export interface IdKeeper {
  idOf(number: number): string;
  /** Below 0 where the id of `number` comes before `text` in text order, 0 where it is the same. */
  compare(number: number, text: string): number;
}

interface Leaf extends Sum {
  /** Of the ids, in their order. */
  readonly numbers: number[];
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

/** An id with its hash, and the number under which it is kept. */
export interface Fingerprinted {
  readonly number: number;
  readonly high: number;
  readonly low: number;
}

/**
 * Ids in text order, each with a 64-bit hash: a counted B+-tree whose nodes sum the hashes below them. Putting in, taking out, the
 * sum of a range, rank and selection take O(log n). An entry takes some thirty bytes, and a few objects serve 64 of them: what the
 * collector does not have to walk through does not slow it down.
 */
export class FingerprintTree {
  #root: Node = newLeaf();
  /** Ids looked up of late, each at its {@link placeAtHand}, and their numbers. */
  readonly #idsAtHand: Array<string | undefined> = [];
  readonly #numbersAtHand: number[] = [];

  /** @param keeper keeps an id from before it is put in until after it was taken out */
  constructor(private readonly keeper: IdKeeper) {}

  /** Sum of all hashes. */
  get sum(): Readonly<Sum> {
    return this.#root;
  }

  /** Puts in an id, or gives the one that is there another hash; it keeps its number. */
  set(id: string, entry: Fingerprinted): void {
    const split = setIn(this.#root, id, entry, this.keeper);
    if (split === undefined) return;
    const children = [this.#root, split.node];
    this.#root = { children, bounds: ["", split.bound], ...totalOf(children) };
  }

  /** Takes out an id; false when it was not there. */
  delete(id: string): boolean {
    const place = placeAtHand(id);
    if (this.#idsAtHand[place] === id) this.#idsAtHand[place] = undefined;
    const removed = deleteIn(this.#root, id, this.keeper);
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
    const end = placeOf(node, bound, this.keeper);
    for (let i = 0; i < end; i++) addHash(sum, node.hashes[2 * i], node.hashes[2 * i + 1]);
    return sum;
  }

  /** Sum of the hashes from `lower` up to and without `upper`. */
  between(lower: string, upper: string | null): Sum {
    const sum = this.below(upper);
    removeSum(sum, this.below(lower));
    return sum;
  }

  /** What is known of an id; undefined when it is not there. */
  get(id: string): Fingerprinted | undefined {
    const { leaf, place } = this.#search(id);
    return place < 0 ? undefined : entryAt(leaf, place);
  }

  /** The number of an id; undefined when it is not there. */
  numberOf(id: string): number | undefined {
    const at = placeAtHand(id);
    if (this.#idsAtHand[at] === id) return this.#numbersAtHand[at];
    const { leaf, place } = this.#search(id);
    if (place < 0) return undefined;
    this.#idsAtHand[at] = id;
    return this.#numbersAtHand[at] = leaf.numbers[place];
  }

  #search(id: string): { leaf: Leaf; place: number } {
    let node = this.#root;
    while (node.children !== undefined) node = node.children[childOf(node, id)];
    const place = placeOf(node, id, this.keeper);
    return { leaf: node, place: hasAt(node, place, id, this.keeper) ? place : -1 };
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
    return rank + placeOf(node, bound, this.keeper);
  }

  /** The entries from place `rank` on, `count` at most, in order. */
  *entries(rank: number, count = Infinity): Generator<Fingerprinted> {
    let left = count;
    for (let at = rank; at < this.#root.count && left > 0;) {
      const { leaf, place } = this.#leafAt(at);
      for (let i = place; i < leaf.numbers.length && left > 0; i++, at++, left--) yield entryAt(leaf, i);
    }
  }

  /** Their ids. */
  *ids(rank: number, count: number): Generator<string> {
    for (const entry of this.entries(rank, count)) yield this.idOf(entry);
  }

  /** The id of an entry. */
  idOf({ number }: Fingerprinted): string {
    return this.keeper.idOf(number);
  }

  /** The id at place `rank`, from 0; undefined past the last. */
  select(rank: number): string | undefined {
    if (rank < 0 || rank >= this.#root.count) return undefined;
    const { leaf, place } = this.#leafAt(rank);
    return this.keeper.idOf(leaf.numbers[place]);
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

/** The last characters of an id are its most random ones. */
function placeAtHand(id: string): number {
  const last = id.length - 1;
  return (id.charCodeAt(last) ^ id.charCodeAt(last - 1) << 3 ^ id.charCodeAt(last - 2) << 6) & (AT_HAND - 1);
}

function newLeaf(numbers: number[] = [], hashes: number[] = []): Leaf {
  const leaf: Leaf = { numbers, hashes, ...emptySum() };
  for (let i = 0; i < numbers.length; i++) addHash(leaf, hashes[2 * i], hashes[2 * i + 1]);
  return leaf;
}

function entryAt({ numbers, hashes }: Leaf, at: number): Fingerprinted {
  return { number: numbers[at], high: hashes[2 * at], low: hashes[2 * at + 1] };
}

function totalOf(children: readonly Node[]): Sum {
  const sum = emptySum();
  for (const child of children) addSum(sum, child);
  return sum;
}

/** Place of the first id of a leaf that is not less than `bound`. */
function placeOf({ numbers }: Leaf, bound: string, ids: IdKeeper): number {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids.compare(numbers[middle], bound) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the id at `place` of a leaf, where it would have to be, is `id`. */
function hasAt({ numbers }: Leaf, place: number, id: string, ids: IdKeeper): boolean {
  return place < numbers.length && ids.compare(numbers[place], id) === 0;
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

function setIn(node: Node, id: string, entry: Fingerprinted, ids: IdKeeper): Split | undefined {
  if (node.children === undefined) return setInLeaf(node, id, entry, ids);
  const at = childOf(node, id);
  const child = node.children[at];
  const before: Sum = { high: child.high, low: child.low, count: child.count };
  const split = setIn(child, id, entry, ids);
  removeSum(node, before);
  addSum(node, child);
  if (split === undefined) return undefined;
  addSum(node, split.node);
  node.children.splice(at + 1, 0, split.node);
  node.bounds.splice(at + 1, 0, split.bound);
  return node.children.length > BRANCH_CHILDREN_MAX ? splitBranch(node) : undefined;
}

function setInLeaf(leaf: Leaf, id: string, { number, high, low }: Fingerprinted, ids: IdKeeper): Split | undefined {
  const { numbers, hashes } = leaf;
  const at = placeOf(leaf, id, ids);
  if (hasAt(leaf, at, id, ids)) {
    removeHash(leaf, hashes[2 * at], hashes[2 * at + 1]);
    hashes[2 * at] = high;
    hashes[2 * at + 1] = low;
    addHash(leaf, high, low);
    return undefined;
  }
  // Ids mostly come in order: then full leaves stay full.
  if (numbers.length === LEAF_ENTRIES_MAX && at === numbers.length) {
    return { node: newLeaf([number], [high, low]), bound: id };
  }
  numbers.splice(at, 0, number);
  hashes.splice(2 * at, 0, high, low);
  addHash(leaf, high, low);
  if (numbers.length <= LEAF_ENTRIES_MAX) return undefined;
  const half = numbers.length >> 1;
  const right = newLeaf(numbers.splice(half), hashes.splice(2 * half));
  removeSum(leaf, right);
  return { node: right, bound: ids.idOf(right.numbers[0]) };
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

function deleteIn(node: Node, id: string, ids: IdKeeper): boolean {
  if (node.children === undefined) {
    const at = placeOf(node, id, ids);
    if (!hasAt(node, at, id, ids)) return false;
    const [high, low] = node.hashes.splice(2 * at, 2);
    node.numbers.splice(at, 1);
    removeHash(node, high, low);
    return true;
  }
  const at = childOf(node, id);
  const child = node.children[at];
  const before: Sum = { high: child.high, low: child.low, count: child.count };
  if (!deleteIn(child, id, ids)) return false;
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
    const isSmall = left.numbers.length + right.numbers.length <= LEAF_ENTRIES_MAX * MERGE_SHARE;
    if (!isSmall && left.numbers.length > 0 && right.numbers.length > 0) return;
    left.numbers.push(...right.numbers);
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
