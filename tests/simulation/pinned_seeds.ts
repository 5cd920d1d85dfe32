/** A run that once found something. */
export interface PinnedSeed {
  readonly seed: number;
  /** Servers, where they were not drawn from the seed. */
  readonly nodes?: number;
  readonly found: string;
}

/** Runs of the past that found something, with what it was: they are run with every test. */
export const PINNED_SEEDS: readonly PinnedSeed[] = [
  // A statement without facts raised a member's incarnation; the facts of that incarnation, coming later, were no news.
  { seed: 9, nodes: 10, found: "facts of an older incarnation that stay for ever" },
  { seed: 53, found: "records of two removed servers that were taken for deleted" },
  { seed: 1155, found: "a deleted record that its author, removed and back, wrote anew" },
  { seed: 1194, found: "a deletion above the horizon, refused for the age of its record" },
  { seed: 5033, found: "two servers that waited for each other to know better" },
  { seed: 340822, found: "two removed servers that each let go of a record because the other one had it" },
];
