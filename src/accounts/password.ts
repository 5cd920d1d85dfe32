import { Buffer } from "node:buffer";
import { type BinaryLike, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import type { Entropy } from "../base/mod.ts";

/** OWASP Password Storage Cheat Sheet, scrypt: N = 2^15, r = 8, p = 3 (32 MiB). */
const COST = { logN: 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Greatest parameters accepted from a stored hash: 256 MiB at most for one check, whatever another server wrote. */
const COST_MAX = { logN: 18, r: 8, p: 8 } as const;

/** Hashes at one time: 96 MiB and three of the runtime's worker threads, so that files and names still get theirs. */
const CONCURRENT_MAX = 3;
/** Checks that may wait: about 3 s of work at 190 ms each; who comes later is told to come again. */
const WAITING_MAX = 48;

/** How passwords are stored and checked. */
export interface Passwords {
  /** What to store; "busy" when too many wait already. */
  hash(password: string): Promise<string | "busy">;
  /** Whether `password` is the one behind `stored`; takes as long without a stored one. */
  verify(password: string, stored: string | undefined): Promise<boolean | "busy">;
}

/** scrypt, off the main thread, a few at a time. */
export class PasswordHasher implements Passwords {
  readonly #entropy: Entropy;
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  constructor(entropy: Entropy) {
    this.#entropy = entropy;
  }

  /** A PHC string, `$scrypt$ln=15,r=8,p=3$salt$hash`; "busy" when too many wait already. */
  async hash(password: string): Promise<string | "busy"> {
    const salt = this.#entropy(SALT_BYTES);
    const key = await this.#derive(password, salt, COST);
    return key === "busy" ? "busy" : formatHash(salt, key);
  }

  /**
   * Whether `password` is the one behind `stored`, in constant time. Without a stored hash, or with one that cannot be read, the same work
   * is done and the answer is no: how long it takes does not tell whether a user exists.
   */
  async verify(password: string, stored: string | undefined): Promise<boolean | "busy"> {
    const parsed = parseHash(stored);
    const key = await this.#derive(password, parsed?.salt ?? new Uint8Array(SALT_BYTES), parsed?.cost ?? COST);
    if (key === "busy") return "busy";
    return timingSafeEqual(key, parsed?.key ?? new Uint8Array(HASH_BYTES)) && parsed !== undefined;
  }

  async #derive(password: string, salt: Uint8Array, cost: Cost): Promise<Uint8Array | "busy"> {
    if (this.#running >= CONCURRENT_MAX) {
      if (this.#waiting.length >= WAITING_MAX) return "busy";
      await new Promise<void>((go) => this.#waiting.push(go)); // The finished one hands its place over.
    } else {
      this.#running++;
    }
    try {
      return await derive(password.normalize("NFKC"), salt, cost);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

interface Cost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

function derive(password: BinaryLike, salt: Uint8Array, { logN, r, p }: Cost): Promise<Uint8Array> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 2 * 128 * r * 2 ** logN };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => error ? reject(error) : resolve(key));
  });
}

function formatHash(salt: Uint8Array, key: Uint8Array): string {
  return `$scrypt$ln=${COST.logN},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`;
}

function parseHash(text: string | undefined): { cost: Cost; salt: Uint8Array; key: Uint8Array } | undefined {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{1,128})\$([A-Za-z0-9+/]{43})$/.exec(
    text ?? "",
  );
  if (!match) return undefined;
  const cost = { logN: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  const tooSmall = cost.logN < 1 || cost.r < 1 || cost.p < 1;
  if (tooSmall || cost.logN > COST_MAX.logN || cost.r > COST_MAX.r || cost.p > COST_MAX.p) return undefined;
  return { cost, salt: Buffer.from(match[4], "base64"), key: Buffer.from(match[5], "base64") };
}

/** PHC strings use base64 without padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
