/** Seeds that once found something, with what it was: they are run with every test. */
export const PINNED_SEEDS: ReadonlyArray<{ readonly seed: number; readonly found: string }> = [];
