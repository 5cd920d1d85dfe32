/** Longest name that is compared; longer ones are cut, so that a hostile key costs next to nothing. */
const NAME_LENGTH_MAX = 64;

/**
 * The candidate that `name` most likely meant, or undefined where none is near. Case and `-` against `_` do not count;
 * one candidate being the beginning of the other counts as near.
 */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const known = plain(candidate);
    const distance = editDistance(wanted, known);
    const near = distance <= distanceMax(wanted) || (isPrefix(wanted, known) && wanted.length >= 3);
    if (near && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

function plain(name: string): string {
  return name.slice(0, NAME_LENGTH_MAX).toLowerCase().replaceAll("-", "_");
}

function isPrefix(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** One slip in three letters: more would suggest words that merely have the same length. */
function distanceMax(name: string): number {
  return Math.max(1, Math.floor(name.length / 3));
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, beforePrevious[column - 2] + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}
