import type { FingerprintTree } from "./fingerprint_tree.ts";

/** Places on either side of an even split that are looked at for a shorter bound. */
const SLACK_MAX = 32;
/** And at most this share of a part. */
const SLACK_SHARE = 0.2;

/**
 * Bounds that cut the ids at places `first` to `last` (exclusive) into `parts` of about one size: each the shortest text that tells
 * the ids on its two sides apart, and of the places near an even split the one where it is shortest.
 */
export function splitBounds(
  tree: FingerprintTree,
  { first, last, parts }: { first: number; last: number; parts: number },
): string[] {
  const size = (last - first) / parts;
  const slack = Math.min(SLACK_MAX, Math.floor(size * SLACK_SHARE));
  const bounds: string[] = [];
  for (let part = 1; part < parts; part++) {
    const even = first + Math.round(part * size);
    bounds.push(shortestBound(tree, even, slack));
  }
  return bounds;
}

function shortestBound(tree: FingerprintTree, even: number, slack: number): string {
  let best = "";
  let bestDistance = Infinity;
  let before: string | undefined;
  let place = even - slack - 1;
  for (const id of tree.ids(place, 2 * slack + 2)) {
    if (before !== undefined) {
      const bound = tellingApart(before, id);
      const distance = Math.abs(place - even);
      const isBetter = bound.length < best.length || (bound.length === best.length && distance < bestDistance);
      if (best === "" || isBetter) {
        best = bound;
        bestDistance = distance;
      }
    }
    before = id;
    place++;
  }
  return best;
}

/** The shortest text that is greater than `before` and not greater than `after`, which follows it. */
export function tellingApart(before: string, after: string): string {
  let shared = 0;
  while (before[shared] === after[shared]) shared++;
  return after.slice(0, shared + 1);
}
