/**
 * Lifeguard's local health multiplier (Dadgar et al. 2018, §IV-A): a node that misses answers blames itself first, and gives
 * others more time.
 */
export class LocalHealth {
  #score = 0;

  constructor(private readonly scoreMax: number) {}

  /** 0 is healthy. */
  get score(): number {
    return this.#score;
  }

  /** What probe deadlines are multiplied with: 1 is healthy. */
  get multiplier(): number {
    return this.#score + 1;
  }

  /** A probe failed, a helper's nack is missing, or somebody suspected us. */
  worse(): void {
    this.#score = Math.min(this.scoreMax - 1, this.#score + 1);
  }

  /** A probe was answered in time. */
  better(): void {
    this.#score = Math.max(0, this.#score - 1);
  }
}
