/** One line of the table. */
export interface Row {
  readonly what: string;
  /** What must be reached, as text. */
  readonly must: string;
  readonly measured: string;
  readonly passed: boolean;
  /** Seeds and sizes that the figure comes from. */
  readonly from: string;
}

/** How much is measured: `quick` gives an impression, `full` what the requirements ask for. */
export interface Effort {
  readonly quick: boolean;
}

/** Servers of a large cluster; for an impression fewer, since forming one of a thousand takes minutes. */
export function largeCount({ quick }: Effort): number {
  return quick ? 200 : 1_000;
}

/** The sample at `share` of the way from the least to the greatest; `NaN` when there is none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** The average; `NaN` of none. */
export function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

/** Milliseconds as seconds, for a table. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
