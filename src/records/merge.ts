import { assert } from "../base/mod.ts";
import { birthOf, withBirth } from "./birth.ts";
import { compareBytes } from "./compare_bytes.ts";
import type { Membership, RecordState, Register } from "./record.ts";

/**
 * What two copies of one record amount to. Each register takes the greater stamp, and between equal stamps (a cloned
 * disk) the greater value bytes, or presence; a tombstone beats every edit. Commutative, associative and idempotent, so
 * that copies agree whatever the order and number of exchanges; of two births the earlier counts. A name that is a register on one side and a set on the
 * other stays both: they are kept, versioned and passed on apart, and each server reads the one it knows.
 *
 * @returns `a` itself when `b` holds nothing new
 */
export function mergeRecords(a: RecordState, b: RecordState): RecordState {
  assert(a.kind === b.kind && a.id === b.id, `Cannot merge ${a.kind} "${a.id}" with ${b.kind} "${b.id}"`);
  if (b.deletedAt !== undefined) return a.deletedAt !== undefined && isLaterTombstone(a, b) ? a : b;
  if (a.deletedAt !== undefined) return a;
  const fields = mergeMaps(a.fields, b.fields, laterRegister);
  const sets = mergeMaps(a.sets, b.sets, (ours, theirs) => mergeMaps(ours, theirs, laterMembership));
  const births = [birthOf(a), birthOf(b)] as const;
  if (fields === a.fields && sets === a.sets && births[0] <= births[1]) return a;
  return withBirth({ kind: a.kind, id: a.id, fields, sets }, births[0] <= births[1] ? births[0] : births[1]);
}

/** `a` itself when nothing of `b` was news; `later` does the same for one entry. */
function mergeMaps<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  later: (ours: T, theirs: T) => T,
): ReadonlyMap<string, T> {
  let merged: Map<string, T> | undefined;
  for (const [name, theirs] of b) {
    const ours = a.get(name);
    const winner = ours === undefined ? theirs : later(ours, theirs);
    if (winner !== ours) (merged ??= new Map(a)).set(name, winner);
  }
  return merged ?? a;
}

function laterRegister(ours: Register, theirs: Register): Register {
  if (ours.stamp !== theirs.stamp) return ours.stamp > theirs.stamp ? ours : theirs;
  return compareBytes(ours.value, theirs.value) >= 0 ? ours : theirs;
}

function laterMembership(ours: Membership, theirs: Membership): Membership {
  if (ours.stamp !== theirs.stamp) return ours.stamp > theirs.stamp ? ours : theirs;
  return ours.present || !theirs.present ? ours : theirs;
}

/** Whether `b` adds nothing to `a`; the births only tell equal stamps apart, of a cloned disk. */
function isLaterTombstone(a: RecordState, b: RecordState): boolean {
  if (a.deletedAt !== b.deletedAt) return a.deletedAt! > b.deletedAt!;
  return (a.born ?? "") >= (b.born ?? "");
}
