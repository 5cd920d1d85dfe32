import { assert } from "../base/mod.ts";
import { compareBytes } from "./compare_bytes.ts";
import { RecordFormatError } from "./format_error.ts";
import { WRITTEN_LIMITS } from "./limits.ts";
import type { Membership, RecordKind, RecordState, Register, Stamp, Value } from "./record.ts";
import { checkRecord } from "./record_check.ts";
import { decodeValue, encodeValue } from "./value.ts";

/** What a client had read before it edited: only fields that differ from it count as changed. */
export interface WriteBase {
  readonly fields: Readonly<Record<string, Value>>;
  readonly sets: Readonly<Record<string, readonly string[]>>;
}

/** One intended change. Values are plain; stamps are given by the server that commits it. */
export type Write =
  | {
    readonly op: "create";
    readonly kind: RecordKind;
    readonly id: string;
    readonly fields: Readonly<Record<string, Value>>;
    readonly sets?: Readonly<Record<string, readonly string[]>>;
  }
  | {
    readonly op: "update";
    readonly kind: RecordKind;
    readonly id: string;
    /** New values; fields left out are unchanged. */
    readonly fields?: Readonly<Record<string, Value>>;
    /** New whole contents of sets; compared with the base (else with the current contents) element by element. */
    readonly sets?: Readonly<Record<string, readonly string[]>>;
    readonly base?: WriteBase;
  }
  | { readonly op: "delete"; readonly kind: RecordKind; readonly id: string };

/** What a write comes to; anything but `applied` changes nothing. */
export type WriteResult =
  /** `state` is `current` itself when nothing changed. */
  | { readonly kind: "applied"; readonly state: RecordState; readonly changed: boolean }
  /** The record to update or delete was never made, or is deleted. */
  | { readonly kind: "not_found" }
  /** The id to create was used before; ids are never used again. */
  | { readonly kind: "id_used" }
  /** The record would be past a limit, or `stamp` is older than what it must replace (a clock is off); `reason` says which. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Applies one write. Only what changed takes `stamp`: fields that differ from what the client had read (`base`, else `current`) and
 * from `current`, and the elements that were added to or taken from a set.
 *
 * @param stamp newer than all that this server gave or accepted
 */
export function applyWrite(current: RecordState | undefined, write: Write, stamp: Stamp): WriteResult {
  assert(
    current === undefined || (current.kind === write.kind && current.id === write.id),
    `Cannot apply write on ${write.kind} "${write.id}" to ${current?.kind} "${current?.id}"`,
  );
  if (write.op === "create") {
    if (current !== undefined) return { kind: "id_used" };
    const empty: RecordState = { kind: write.kind, id: write.id, fields: new Map(), sets: new Map() };
    return edit(empty, write, undefined, stamp);
  }
  if (current === undefined || current.deletedAt !== undefined) return { kind: "not_found" };
  if (write.op === "update") return edit(current, write, write.base, stamp);
  const tombstone = { kind: current.kind, id: current.id, deletedAt: stamp, fields: new Map(), sets: new Map() };
  return { kind: "applied", state: tombstone, changed: true };
}

type Contents = Pick<Write & { op: "update" }, "fields" | "sets">;

function edit(
  current: RecordState,
  { fields, sets }: Contents,
  base: WriteBase | undefined,
  stamp: Stamp,
): WriteResult {
  try {
    const state: RecordState = {
      ...current,
      fields: editFields(current.fields, fields ?? {}, base?.fields, stamp),
      sets: editSets(current.sets, sets ?? {}, base?.sets, stamp),
    };
    const changed = state.fields !== current.fields || state.sets !== current.sets;
    checkRecord(state, WRITTEN_LIMITS);
    return { kind: "applied", state: changed ? state : current, changed };
  } catch (error) {
    if (error instanceof RecordFormatError) return { kind: "refused", reason: error.message };
    throw error;
  }
}

function editFields(
  current: RecordState["fields"],
  wanted: Contents["fields"] & object,
  base: WriteBase["fields"] | undefined,
  stamp: Stamp,
): RecordState["fields"] {
  const edited = new Map(current);
  let changed = false;
  for (const [name, wish] of Object.entries(wanted)) {
    if (wish === undefined) continue; // Left out, as far as JavaScript tells.
    const value = encodeValue(wish);
    const read = base !== undefined && Object.hasOwn(base, name) ? base[name] : undefined;
    if (read !== undefined && compareBytes(encodeValue(read), value) === 0) continue; // Whatever it is by now, the client did not touch it.
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
  wanted: Contents["sets"] & object,
  base: WriteBase["sets"] | undefined,
  stamp: Stamp,
): RecordState["sets"] {
  const edited = new Map(current);
  let changed = false;
  for (const [name, elements] of Object.entries(wanted)) {
    if (elements === undefined) continue;
    const before = current.get(name) ?? new Map<string, Membership>();
    const read = new Set(base !== undefined && Object.hasOwn(base, name) ? base[name] : present(before));
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

function present(elements: ReadonlyMap<string, Membership>): string[] {
  return [...elements].filter(([, membership]) => membership.present).map(([element]) => element);
}

/** `stamp`, if it wins over what it replaces: else the write would be acknowledged and then lost in the next merge. */
function later(stamp: Stamp, replaced: { readonly stamp: Stamp } | undefined, name: string): Stamp {
  if (replaced === undefined || stamp > replaced.stamp) return stamp;
  throw new RecordFormatError(`Cannot change "${name}": it was written by a clock that is ahead of this server's`);
}
