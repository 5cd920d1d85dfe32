import type { BootId } from "../cluster/mod.ts";
import { BoundedMap } from "./bounded_map.ts";

/** Boots of which a payload is held, 300 kB in all. */
const HELD_MAX = 256;
/** A payload that was held longer is no news any more: its sender has tried again. */
const HELD_MS_MAX = 5_000;

/** A payload, and the counter of the hello that brought it. */
export interface HeldPayload {
  readonly payload: Uint8Array;
  readonly counter: number;
}

/** The last payload of each boot that has yet to prove that it runs. */
export class HeldPayloads {
  readonly #held = new BoundedMap<BootId, HeldPayload & { readonly atMs: number }>(HELD_MAX);

  /** Holds a payload, unless a later one is held: that would be a recording. */
  hold(bootId: BootId, { payload, counter }: HeldPayload, nowMs: number): void {
    const held = this.#held.peek(bootId);
    if (held !== undefined && held.counter > counter) return;
    this.#held.set(bootId, { payload: payload.slice(), counter, atMs: nowMs });
  }

  /** Gives out what is held of a boot, unless it is too old. */
  release(bootId: BootId, nowMs: number): HeldPayload | undefined {
    const held = this.#held.peek(bootId);
    this.#held.delete(bootId);
    return held !== undefined && nowMs - held.atMs <= HELD_MS_MAX ? held : undefined;
  }
}
