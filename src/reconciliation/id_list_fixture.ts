import type { IdKeeper } from "./fingerprint_tree.ts";

/** Keeps ids for a tree in tests: each has one number for ever. */
export class IdList implements IdKeeper {
  readonly #ids: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of `id`, a new one for an id that was not met before. */
  numberOf(id: string): number {
    let number = this.#numbers.get(id);
    if (number === undefined) this.#numbers.set(id, number = this.#ids.push(id) - 1);
    return number;
  }

  idOf(number: number): string {
    return this.#ids[number];
  }

  compare(number: number, text: string): number {
    const id = this.#ids[number];
    return id < text ? -1 : id === text ? 0 : 1;
  }
}
