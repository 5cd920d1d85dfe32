import { birthOf, tombstone } from "./birth.ts";
import { kindDefinition } from "./kinds.ts";
import { type Reading, readingAtEndOf, readingOf } from "./reading.ts";
import type { Membership, RecordState, Register, Stamp } from "./record.ts";
import { STAMP_MS_MAX } from "./stamp.ts";
import { decodeValue } from "./value.ts";

/**
 * What expired stays for so long, in milliseconds: a renewal is written before the expiry by a clock that is at most a
 * minute off, and must be known everywhere before anybody lets go of what it renews.
 */
const KEPT_AFTER_EXPIRY_MS = 600_000;

/**
 * The horizon at which nobody needs a record any more: of a tombstone its own reading, since then all have deleted; of
 * what expires a while after its expiry. Undefined for records that stay.
 */
export function departureOf(state: RecordState): Reading | undefined {
  if (state.deletedAt !== undefined) return readingOf(state.deletedAt);
  const field = kindDefinition(state.kind)?.expiry;
  const register = field === undefined ? undefined : state.fields.get(field);
  const expiresAtMs = register === undefined ? undefined : decodeValue(register.value);
  if (typeof expiresAtMs !== "number" || !(expiresAtMs >= 0)) return undefined;
  const goneAtMs = Math.ceil(expiresAtMs) + KEPT_AFTER_EXPIRY_MS;
  return goneAtMs > STAMP_MS_MAX ? undefined : readingAtEndOf(goneAtMs);
}

/** The same contents, written anew at `stamp`. */
export function renewed(state: RecordState, stamp: Stamp): RecordState {
  const { kind, id, deletedAt, fields, sets } = state;
  if (deletedAt !== undefined) return tombstone(state, stamp, birthOf(state));
  const registers = mapValues(fields, ({ value }): Register => ({ stamp, value }));
  const memberships = (elements: ReadonlyMap<string, Membership>) =>
    mapValues(elements, ({ present }): Membership => ({ stamp, present }));
  return { kind, id, fields: registers, sets: mapValues(sets, memberships) };
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): Map<string, B> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}
