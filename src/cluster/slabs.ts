import { assert } from "../base/mod.ts";

/** Blocks of memory for many small records each: a buffer of its own costs the runtime as much as such a record. */
const SLAB_BYTES_MAX = 64 * 1024;
/** While there is little, slabs are small: a server with ten records needs no more. */
const SLAB_BYTES_MIN = 2 * 1024;
/** Records that are larger have a slab of their own. */
const SMALL_BYTES_MAX = 8 * 1024;
/** Before each record stand its number and its length. */
const HEADER_BYTES = 8;
/** What is replaced or removed stays until less than this share of its slab is left; the rest then moves. */
const LIVE_SHARE_MIN = 0.5;

const NUMBERS_MIN = 64;

interface Slab {
  readonly bytes: Uint8Array;
  /** The same memory, for the headers; records begin at multiples of 4. */
  readonly words: Uint32Array;
  used: number;
  /** Bytes of what was neither replaced nor removed, headers included. */
  live: number;
}

/**
 * Byte strings side by side, under numbers that stay while they are there; numbers of removed ones are given again. What was once
 * written in a slab never changes, so that what {@link bytes} gave stays as it was, whatever becomes of the record.
 */
export class Slabs {
  readonly #slabs: Array<Slab | undefined> = [];
  readonly #freeSlabs: number[] = [];
  readonly #freeNumbers: number[] = [];
  /** By number: its slab, and where in it its bytes begin; 0 where there is nothing. */
  #places = new Uint32Array(2 * NUMBERS_MIN);
  #numbers = 0;
  #current = -1;
  #live = 0;

  /** Copies `bytes`, and gives the number under which they are kept. */
  add(bytes: Uint8Array): number {
    const number = this.#freeNumbers.pop() ?? this.#numbers++;
    if (2 * number >= this.#places.length) {
      const places = new Uint32Array(2 * this.#places.length);
      places.set(this.#places);
      this.#places = places;
    }
    this.#write(number, bytes);
    return number;
  }

  /** Keeps other bytes under `number`. */
  replace(number: number, bytes: Uint8Array): void {
    const slab = this.#release(number);
    this.#write(number, bytes);
    this.#tidy(slab);
  }

  remove(number: number): void {
    const slab = this.#release(number);
    this.#freeNumbers.push(number);
    this.#tidy(slab);
  }

  /** A view of what is kept under `number`. */
  bytes(number: number): Uint8Array {
    const { slab, at } = this.place(number);
    return slab.subarray(at, at + this.#lengthOf(number));
  }

  /** Where it begins: costs less than a view. */
  place(number: number): { readonly slab: Uint8Array; readonly at: number } {
    return { slab: this.#slabOf(number).bytes, at: this.#places[2 * number + 1] };
  }

  #slabOf(number: number): Slab {
    const slab = this.#slabs[this.#places[2 * number]];
    assert(slab !== undefined && this.#places[2 * number + 1] > 0, `Cannot read record ${number}: it is not kept`);
    return slab;
  }

  #lengthOf(number: number): number {
    return this.#slabOf(number).words[this.#places[2 * number + 1] / 4 - 1];
  }

  #write(number: number, bytes: Uint8Array): void {
    const taken = spaceOf(bytes.length);
    const slabNumber = bytes.length > SMALL_BYTES_MAX ? this.#newSlab(taken) : this.#slabWithRoom(taken);
    const slab = this.#slabs[slabNumber]!;
    const at = slab.used + HEADER_BYTES;
    slab.words[at / 4 - 2] = number;
    slab.words[at / 4 - 1] = bytes.length;
    slab.bytes.set(bytes, at);
    slab.used += taken;
    slab.live += taken;
    this.#live += taken;
    this.#places[2 * number] = slabNumber;
    this.#places[2 * number + 1] = at;
  }

  #slabWithRoom(taken: number): number {
    const current = this.#slabs[this.#current];
    if (current !== undefined && current.used + taken <= current.bytes.length) return this.#current;
    const size = Math.max(SLAB_BYTES_MIN, taken, Math.min(SLAB_BYTES_MAX, 2 ** Math.ceil(Math.log2(this.#live + 1))));
    return this.#current = this.#newSlab(size);
  }

  #newSlab(size: number): number {
    const buffer = new ArrayBuffer(size);
    const slab = { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer), used: 0, live: 0 };
    const slabNumber = this.#freeSlabs.pop() ?? this.#slabs.length;
    this.#slabs[slabNumber] = slab;
    return slabNumber;
  }

  /** There is nothing under `number` any more; gives the slab where it was. */
  #release(number: number): number {
    const taken = spaceOf(this.#lengthOf(number));
    this.#slabOf(number).live -= taken;
    this.#live -= taken;
    this.#places[2 * number + 1] = 0;
    return this.#places[2 * number];
  }

  /**
   * Lets a slab go of which little is left, and moves that, so that all slabs take little more than twice of what is kept. The one
   * that is being filled is looked at when it is full and the next of its records goes.
   */
  #tidy(slabNumber: number): void {
    const slab = this.#slabs[slabNumber];
    if (slab === undefined || slabNumber === this.#current || slab.live > slab.used * LIVE_SHARE_MIN) return;
    const { bytes, words, used } = slab;
    this.#live -= slab.live;
    for (let start = 0; start < used;) {
      const at = start + HEADER_BYTES;
      const number = words[at / 4 - 2], length = words[at / 4 - 1];
      const isLive = this.#places[2 * number] === slabNumber && this.#places[2 * number + 1] === at;
      if (isLive) this.#write(number, bytes.subarray(at, at + length));
      start += spaceOf(length);
    }
    this.#slabs[slabNumber] = undefined;
    this.#freeSlabs.push(slabNumber);
  }
}

/** What a record of `length` bytes takes: its header before it, and up to where the next one may begin. */
function spaceOf(length: number): number {
  return HEADER_BYTES + Math.ceil(length / 4) * 4;
}
