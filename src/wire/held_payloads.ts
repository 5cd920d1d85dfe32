import type { BootId } from "../cluster/mod.ts";
import { BoundedMap } from "./bounded_map.ts";

/** Boots of which payloads are held, and payloads of each, 900 kB in all: an answer, and what follows it in the same breath. */
const HELD_MAX = 256;
const HELD_EACH_MAX = 3;
/** A payload that was held longer is no news any more: its sender has tried again. */
const HELD_MS_MAX = 5_000;

/** A payload, and the counter of the hello that brought it. */
export interface HeldPayload {
  readonly payload: Uint8Array;
  readonly counter: number;
}

/** The last payloads of each boot that has yet to prove that it runs. */
export class HeldPayloads {
  readonly #held = new BoundedMap<BootId, ReadonlyArray<HeldPayload & { readonly atMs: number }>>(HELD_MAX);

  /** Holds a payload, unless enough later ones are held: then it would be a recording. */
  hold(bootId: BootId, { payload, counter }: HeldPayload, nowMs: number): void {
    const held = this.#held.peek(bootId) ?? [];
    if (held.some((other) => other.counter === counter)) return;
    const all = [...held, { payload: payload.slice(), counter, atMs: nowMs }].sort((a, b) => a.counter - b.counter);
    this.#held.set(bootId, all.slice(-HELD_EACH_MAX));
  }

  /** Gives out what is held of a boot, in the order in which it was sent, unless it is too old. */
  release(bootId: BootId, nowMs: number): HeldPayload[] {
    const held = this.#held.peek(bootId) ?? [];
    this.#held.delete(bootId);
    return held.filter(({ atMs }) => nowMs - atMs <= HELD_MS_MAX);
  }
}
