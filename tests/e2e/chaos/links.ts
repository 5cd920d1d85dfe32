import type { LinkRule, NetworkLab } from "../netns/mod.ts";

/** The rules of all faults of links that are in force at one time; each comes and goes by itself. */
export class Links {
  readonly #lab: NetworkLab;
  readonly #broken = new Set<readonly LinkRule[]>();
  #last: Promise<void> = Promise.resolve();

  constructor(lab: NetworkLab) {
    this.#lab = lab;
  }

  /** Packets that match `rules` are lost until the answer is called. */
  async break(rules: readonly LinkRule[]): Promise<() => Promise<void>> {
    this.#broken.add(rules);
    await this.#apply();
    return () => {
      this.#broken.delete(rules);
      return this.#apply();
    };
  }

  /** One change after the other, lest an older one has the last word. */
  #apply(): Promise<void> {
    const applied = this.#last.then(() => this.#lab.drop([...this.#broken].flat()));
    this.#last = applied.catch(() => undefined);
    return applied;
  }
}
