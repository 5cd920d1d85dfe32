/** Percentiles of `samples`, in whole milliseconds, as text: `p50 12 ms, p99 40 ms, worst 55 ms`. */
export function distribution(samples: readonly number[]): string {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${Math.round(sorted.at(-1)!)} ms`;
}
