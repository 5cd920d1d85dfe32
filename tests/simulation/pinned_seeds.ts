/** A run that once found something. */
export interface PinnedSeed {
  readonly seed: number;
  /** Servers, where they were not drawn from the seed. */
  readonly nodes?: number;
  /** 0 where there were none yet when it was found. */
  readonly latecomers?: number;
  readonly found: string;
}

/** Runs of the past that found something, with what it was: they are run with every test. */
export const PINNED_SEEDS: readonly PinnedSeed[] = [
  // A statement without facts raised a member's incarnation; the facts of that incarnation, coming later, were no news.
  { seed: 9, latecomers: 0, nodes: 10, found: "facts of an older incarnation that stay for ever" },
  { seed: 53, latecomers: 0, found: "records of two removed servers that were taken for deleted" },
  { seed: 1155, latecomers: 0, found: "a deleted record that its author, removed and back, wrote anew" },
  { seed: 1194, latecomers: 0, found: "a deletion above the horizon, refused for the age of its record" },
  { seed: 5033, latecomers: 0, found: "two servers that waited for each other to know better" },
  {
    seed: 340822,
    latecomers: 0,
    found: "two removed servers that each let go of a record because the other one had it",
  },
  { seed: 340610, found: "a server on an older disk that wrote anew what a new server could not tell of" },
  {
    seed: 342250,
    found: "servers that had deleted a record, and one that had joined through a removed server and kept it",
  },
  { seed: 342513, found: "a record of a removed server that some took, and some refused for ever" },
  { seed: 342938, found: "a tombstone that went on another server's word, so that the record could come again" },
  { seed: 827, found: "a server on an older disk that took from a removed one what it then held for deleted" },
  {
    seed: 8442,
    found:
      "servers that joined through a removed one and let go of what they wrote, because the cluster's clock had been ahead",
  },
  {
    seed: 5326,
    found: "a new server that nobody waited for, because the one it had joined through forgot it in a crash",
  },
  { seed: 5681, found: "a record of a removed server that came after an agreement, and was taken for agreed on" },
  { seed: 5664, found: "a checker that waited for a server that had joined through a removed one" },
  { seed: 6520, found: "bounds that were too short for what follows connections that loss had held up" },
  { seed: 346849, found: "a server that called itself settled while its full disk still had a deleted record" },
];
