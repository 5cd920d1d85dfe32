/** Seeded pseudo-random numbers, for protocol choices only: keys, tokens, ids and nonces come from {@link Entropy}. */
export interface Random {
  /** Uniform over 0 … 2^32 − 1. */
  uint32(): number;
  /** Uniform over [0, 1). */
  float(): number;
  /** Uniform over the integers 0 … `bound` − 1; `bound` is at least 1. */
  below(bound: number): number;
}

/** `length` fresh bytes from a cryptographically secure source. */
export type Entropy = (length: number) => Uint8Array;

/** The operating system's secure source. */
export const systemEntropy: Entropy = (length) => crypto.getRandomValues(new Uint8Array(length));

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix32. Equal seeds give equal sequences. */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const split = () => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = split(), b = split(), c = split(), counter = 1;
  const uint32 = () => {
    const t = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + t) >>> 0;
    return t;
  };
  for (let round = 0; round < 12; round++) uint32();
  return {
    uint32,
    float: () => uint32() / 4294967296,
    below: (bound) => Math.floor((uint32() / 4294967296) * bound),
  };
}

/** A new array with the items of `items` in uniformly random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
