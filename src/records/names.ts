import type { RecordKind, RecordState, Stamp } from "./record.ts";
import { normaliseName, uniqueNames } from "./kinds.ts";

interface Claim {
  readonly id: string;
  readonly stamp: Stamp;
}

/**
 * Who claims and who owns each unique name, derived from committed records. The claim with the earliest stamp of the
 * name register owns it, between equal stamps the lesser id: a function of the records alone, so that all servers
 * agree.
 */
export class NameIndex {
  /** Claims on each name, the owner first; mostly there is one, which needs no list. */
  readonly #claims = new Map<string, Claim | Claim[]>();
  /** Names that each record claims, to withdraw them: by kind and id, and again mostly one. */
  readonly #namesOf = new Map<RecordKind, Map<string, string | string[]>>();

  /**
   * Replaces the claims of one record, given as it was and as it is; either is absent for a record that is new or gone.
   */
  update(before: RecordState | undefined, after: RecordState | undefined): void {
    const record = after ?? before;
    if (record === undefined) return;
    let byId = this.#namesOf.get(record.kind);
    if (byId === undefined) this.#namesOf.set(record.kind, byId = new Map());
    const had = byId.get(record.id);
    if (after !== undefined && this.#claimsAlready(after, had)) return;
    if (had !== undefined) {
      for (const name of listOf(had)) this.#withdraw(name, record.id);
      byId.delete(record.id);
    }
    if (after === undefined) return;
    const names: string[] = [];
    for (const { field, name, stamp } of uniqueNames(after)) {
      const key = joined(after.kind, field, name);
      this.#claim(key, { id: after.id, stamp });
      names.push(key);
    }
    if (names.length > 0) byId.set(after.id, names.length === 1 ? names[0] : names);
  }

  /** Id of the record that owns a name, in any spelling of it. */
  winner(kind: RecordKind, field: string, name: string): string | undefined {
    return listOf(this.#claims.get(joined(kind, field, normaliseName(kind, field, name))))[0]?.id;
  }

  /** Whether another record owns one of the names that this record claims. */
  loses(kind: RecordKind, id: string): boolean {
    const names = listOf(this.#namesOf.get(kind)?.get(id));
    return names.some((name) => listOf(this.#claims.get(name))[0].id !== id);
  }

  /** Most edits leave the one name of a record alone. */
  #claimsAlready(record: RecordState, held: string | string[] | undefined): boolean {
    if (typeof held !== "string") return false;
    const [first, ...others] = uniqueNames(record);
    if (first === undefined || others.length > 0 || held !== joined(record.kind, first.field, first.name)) return false;
    return listOf(this.#claims.get(held)).some(({ id, stamp }) => id === record.id && stamp === first.stamp);
  }

  #claim(name: string, claim: Claim): void {
    const held = this.#claims.get(name);
    if (held === undefined) return void this.#claims.set(name, claim);
    const claims = listOf(held);
    const at = claims.findIndex((other) => precedes(claim, other));
    this.#claims.set(name, claims.toSpliced(at < 0 ? claims.length : at, 0, claim));
  }

  #withdraw(name: string, id: string): void {
    const claims = listOf(this.#claims.get(name)).filter((claim) => claim.id !== id);
    if (claims.length === 0) this.#claims.delete(name);
    else this.#claims.set(name, claims.length === 1 ? claims[0] : claims);
  }
}

/** None, one or several, as a list. */
function listOf<T>(held: T | T[] | undefined): T[] {
  return held === undefined ? [] : Array.isArray(held) ? held : [held];
}

function precedes(a: Claim, b: Claim): boolean {
  return a.stamp !== b.stamp ? a.stamp < b.stamp : a.id < b.id;
}

/** Kinds, fields and ids never hold a NUL; a name, which may, comes last. */
function joined(...parts: string[]): string {
  return parts.join("\0");
}
