/** Token of the commit that adopts a lineage. Writes have tokens above it, incoming records below. */
export const ADOPTION_TOKEN = 0;

/** A first copy that makes no end for so long, in milliseconds: the server serves what it has. */
export const FIRST_COPY_MS_MAX = 60_000;

/** Which data set this server holds, and how it came by it: remembered, set up here, or adopted from the cluster. */
export class Lineage {
  #current: string | undefined;
  #adopting: string | undefined;
  #settingUp: { readonly token: number; readonly id: string } | undefined;
  #copying = false;

  constructor(remembered: string | undefined) {
    this.#current = remembered;
  }

  /** Id of the data set; undefined while the server is empty. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Neither has a data set nor is about to get one. */
  get isFree(): boolean {
    return this.#current === undefined && this.#adopting === undefined && this.#settingUp === undefined;
  }

  /** The adopted data set's first copy is still coming in. */
  get isCopying(): boolean {
    return this.#adopting !== undefined || this.#copying;
  }

  beginSetUp(token: number, id: string): void {
    this.#settingUp = { token, id };
  }

  /** The write `token` ended; the new lineage if it was the set-up and succeeded. */
  endSetUp(token: number, { committed }: { committed: boolean }): string | undefined {
    if (this.#settingUp?.token !== token) return undefined;
    const { id } = this.#settingUp;
    this.#settingUp = undefined;
    if (!committed) return undefined;
    this.#current = id;
    return id;
  }

  beginAdoption(id: string): void {
    this.#adopting = id;
  }

  endAdoption(): string {
    this.#current = this.#adopting!;
    this.#adopting = undefined;
    this.#copying = true;
    return this.#current;
  }

  abandonAdoption(): void {
    this.#adopting = undefined;
  }

  endCopy(): void {
    this.#copying = false;
  }
}
