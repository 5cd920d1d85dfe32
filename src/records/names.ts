import { HashMultimap } from "./hash_multimap.ts";
import { kindDefinition, normaliseName, type UniqueName, uniqueNames } from "./kinds.ts";
import type { RecordKind, RecordState, RecordView } from "./record.ts";
import { sipHash, type SipKey, sipKeyOf } from "./sip_hash.ts";

interface Claim extends UniqueName {
  readonly id: string;
}

/** Of 64 bits of hash 53 fit into a number. */
const HIGH_RANGE = 2 ** 21, LOW_RANGE = 2 ** 32;

const encoder = new TextEncoder();

/**
 * Who claims and who owns each unique name, derived from committed records. The claim with the earliest stamp of the
 * name register owns it, between equal stamps the lesser id: a function of the records alone, so that all servers
 * agree. Kept are hashes of the names, and the owner's numbers of the records that claim them; what a name is stands in
 * the record.
 */
export class NameIndex {
  readonly #claims = new HashMultimap();
  readonly #key: SipKey;

  /**
   * @param key of the hashes, so that nobody can make up names that share one
   * @param stateOf the record with a number, as it was last given to {@link update}
   * @param viewOf the same as readers see it, which is ready more often; without it each search takes the record apart
   */
  constructor(
    key: string,
    private readonly stateOf: (number: number) => RecordState | undefined,
    private readonly viewOf?: (number: number) => RecordView | undefined,
  ) {
    this.#key = sipKeyOf(`names/${key}`);
  }

  /**
   * Replaces the claims of the record `number`.
   *
   * @param before the record as it was, asked for only where that matters; undefined for one that is new
   * @param after the record as it is; undefined when it is gone
   */
  update(number: number, before: () => RecordState | undefined, after: RecordState | undefined): void {
    const claimed = after === undefined ? [] : this.#hashesOf(after);
    const isAsBefore = after !== undefined && claimed.length === namesMax(after.kind) &&
      claimed.every((hash) => this.#claims.has(hash, number)) && new Set(claimed).size === claimed.length;
    if (isAsBefore) return; // It can have claimed no others.
    const state = before();
    for (const hash of state === undefined ? [] : this.#hashesOf(state)) this.#claims.delete(hash, number);
    for (const hash of claimed) this.#claims.add(hash, number);
  }

  /** Id of the record that owns a name, in any spelling of it. */
  winner(kind: RecordKind, field: string, name: string): string | undefined {
    const wanted = normaliseName(kind, field, name);
    return this.#onlyClaimant(kind, field, wanted) ?? this.#owner(kind, field, wanted)?.id;
  }

  /** Whether there is a name that two claim; nearly always there is none. */
  get hasRivals(): boolean {
    return this.#claims.surplus > 0;
  }

  /** Whether another record owns one of the names that the record `number` claims. */
  loses(number: number): boolean {
    const state = this.stateOf(number);
    if (state === undefined) return false;
    return uniqueNames(state).some(({ field, name }) => {
      const owner = this.#owner(state.kind, field, name);
      return owner !== undefined && owner.id !== state.id;
    });
  }

  /** The owner of a name that has no rivals, and is no tombstone: whose stamps need not be looked at. */
  #onlyClaimant(kind: RecordKind, field: string, name: string): string | undefined {
    if (this.viewOf === undefined || this.hasRivals) return undefined;
    for (const number of this.#claims.under(this.#hash(kind, field, name))) {
      const view = this.viewOf(number);
      const value = view?.kind === kind ? view.fields[field] : undefined;
      if (typeof value === "string" && normaliseName(kind, field, value) === name) return view!.id;
    }
    return undefined;
  }

  #owner(kind: RecordKind, field: string, name: string): Claim | undefined {
    let owner: Claim | undefined;
    for (const number of this.#claims.under(this.#hash(kind, field, name))) {
      const state = this.stateOf(number);
      if (state === undefined || state.kind !== kind) continue;
      const claim = uniqueNames(state).find((claimed) => claimed.field === field && claimed.name === name);
      if (claim === undefined) continue;
      const candidate = { ...claim, id: state.id };
      if (owner === undefined || precedes(candidate, owner)) owner = candidate;
    }
    return owner;
  }

  #hashesOf(state: RecordState): number[] {
    return uniqueNames(state).map(({ field, name }) => this.#hash(state.kind, field, name));
  }

  /** Kinds and fields never hold a NUL; a name, which may, comes last. */
  #hash(kind: RecordKind, field: string, name: string): number {
    const { high, low } = sipHash(this.#key, byteText(`${kind}\0${field}\0${name}`));
    return high % HIGH_RANGE * LOW_RANGE + low;
  }
}

/** How many names a record of a kind can claim. */
function namesMax(kind: RecordKind): number {
  return Object.keys(kindDefinition(kind)?.uniqueNames ?? {}).length;
}

function precedes(a: Claim, b: Claim): boolean {
  return a.stamp !== b.stamp ? a.stamp < b.stamp : a.id < b.id;
}

/** `text` with one character for each of its bytes, where it is not ASCII. */
function byteText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return String.fromCharCode(...encoder.encode(text));
  }
  return text;
}
