import { birthOf, withBirth } from "./birth.ts";
import { compareBytes } from "./compare_bytes.ts";
import { RecordFormatError } from "./format_error.ts";
import type { Membership, RecordState, Register, Stamp } from "./record.ts";
import { decodeValue, encodeValue } from "./value.ts";
import type { Write, WriteBase } from "./write.ts";

/** What to write, and what the client had read. */
export type Edit = Pick<Write & { op: "update" }, "fields" | "sets" | "base">;

/**
 * Gives `stamp` to every register of a live record that the edit changed, and to no other.
 *
 * @returns `current` itself when nothing changed
 * @throws {RecordFormatError} if a value cannot be encoded, or a register it must replace carries a later stamp
 */
export function edit(current: RecordState, { fields, sets, base }: Edit, stamp: Stamp): RecordState {
  const edited = {
    fields: editFields(current.fields, fields ?? {}, base?.fields, stamp),
    sets: editSets(current.sets, sets ?? {}, base?.sets, stamp),
  };
  if (edited.fields === current.fields && edited.sets === current.sets) return current;
  // What is being created has no stamp yet.
  const isNew = current.fields.size + current.sets.size === 0;
  return isNew ? { ...current, ...edited } : withBirth({ ...current, ...edited }, birthOf(current));
}

function editFields(
  current: RecordState["fields"],
  wanted: Edit["fields"] & object,
  base: WriteBase["fields"] | undefined,
  stamp: Stamp,
): RecordState["fields"] {
  const edited = new Map(current);
  let changed = false;
  for (const [name, wish] of Object.entries(wanted)) {
    if (wish === undefined) continue; // Left out, as far as JavaScript tells.
    const value = encodeValue(wish);
    const read = own(base, name);
    // Not touched, whatever it is by now.
    if (read !== undefined && compareBytes(encodeValue(read), value) === 0) continue;
    const register = current.get(name);
    if (register !== undefined && holds(register, value)) continue;
    edited.set(name, { stamp: later(stamp, register, name), value });
    changed = true;
  }
  return changed ? edited : current;
}

/** Another version may have encoded the same value in other bytes. */
function holds(register: Register, value: Uint8Array): boolean {
  return compareBytes(register.value, value) === 0 ||
    compareBytes(encodeValue(decodeValue(register.value)), value) === 0;
}

function editSets(
  current: RecordState["sets"],
  wanted: Edit["sets"] & object,
  base: WriteBase["sets"] | undefined,
  stamp: Stamp,
): RecordState["sets"] {
  const edited = new Map(current);
  let changed = false;
  for (const [name, elements] of Object.entries(wanted)) {
    if (elements === undefined) continue;
    const before = current.get(name) ?? new Map<string, Membership>();
    const read = new Set(own(base, name) ?? present(before));
    const after = editElements(before, { read, wanted: new Set(elements) }, name, stamp);
    if (after === before) continue;
    edited.set(name, after);
    changed = true;
  }
  return changed ? edited : current;
}

function editElements(
  current: ReadonlyMap<string, Membership>,
  { read, wanted }: { readonly read: ReadonlySet<string>; readonly wanted: ReadonlySet<string> },
  set: string,
  stamp: Stamp,
): ReadonlyMap<string, Membership> {
  const edited = new Map(current);
  let changed = false;
  for (const element of new Set([...read, ...wanted])) {
    const wish = wanted.has(element);
    const membership = current.get(element);
    if (read.has(element) === wish || (membership?.present ?? false) === wish) continue;
    edited.set(element, { stamp: later(stamp, membership, set), present: wish });
    changed = true;
  }
  return changed ? edited : current;
}

/** `record[name]`, but nothing inherited: a field may be called `constructor`. */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function present(elements: ReadonlyMap<string, Membership>): string[] {
  return [...elements].filter(([, membership]) => membership.present).map(([element]) => element);
}

/**
 * `stamp`, if it wins over what it replaces: else the write would be acknowledged and then lost in the next merge. It
 * may equal it, where one batch writes a register twice: nobody will ever see the first.
 */
function later(stamp: Stamp, replaced: { readonly stamp: Stamp } | undefined, name: string): Stamp {
  if (replaced === undefined || stamp >= replaced.stamp) return stamp;
  throw new RecordFormatError(`Cannot change "${name}": it was written by a clock that is ahead of this server's`);
}
