/** What follows when everything that a partner sent was stored. */
interface IntakeEvents {
  /** More differs than was sent. */
  goOn(partner: string): void;
  /** Nothing does. */
  finish(partner: string): void;
}

/** Messages of records on their way to disk, and what follows them. */
export class Intake {
  /** How many, by sender. */
  readonly #storing = new Map<string, number>();
  /** Senders with whom the next session begins then. */
  readonly #unfinished = new Set<string>();
  /** Senders of whom nothing more is awaited. */
  readonly #finishing = new Set<string>();

  constructor(private readonly events: IntakeEvents) {}

  /** Everything is compared anew with `partner`. */
  begin(partner: string): void {
    this.#unfinished.delete(partner);
    this.#finishing.delete(partner);
  }

  /** A message came. */
  came(from: string): void {
    this.#storing.set(from, (this.#storing.get(from) ?? 0) + 1);
  }

  /** It was stored, unless the disk refused a part of it: `whole` is false then. `more`: not all that differs found room in the answer. */
  stored(from: string, { whole, more }: { whole: boolean; more: boolean }): void {
    const storing = this.#storing.get(from)! - 1;
    if (storing > 0) this.#storing.set(from, storing);
    else this.#storing.delete(from);
    if (more) this.#unfinished.add(from);
    if (!whole) this.#finishing.delete(from);
    if (storing > 0) return;
    if (whole && this.#unfinished.delete(from)) this.events.goOn(from);
    if (this.#finishing.delete(from)) this.events.finish(from);
  }

  /** Whether another session with `partner` is to begin. */
  isUnfinished(partner: string): boolean {
    return this.#unfinished.has(partner);
  }

  /** When all is stored another session begins. */
  goOn(partner: string): void {
    if (this.#storing.has(partner)) this.#unfinished.add(partner);
    else this.events.goOn(partner);
  }

  /** When all is stored nothing is left to do. */
  finish(partner: string): void {
    if (this.#storing.has(partner)) this.#finishing.add(partner);
    else this.events.finish(partner);
  }
}
