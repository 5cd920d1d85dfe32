import { assert } from "../base/mod.ts";
import { birthOf, tombstone } from "./birth.ts";
import { edit } from "./edit.ts";
import { RecordFormatError } from "./format_error.ts";
import { ACCEPTED_LIMITS, WRITTEN_LIMITS } from "./limits.ts";
import type { RecordKind, RecordState, Stamp, Value, Version } from "./record.ts";
import { checkRecord } from "./record_check.ts";

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
    /** Made only while the record still is at this version: whoever writes has looked at that one. */
    readonly version?: Version;
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
  /**
   * The record would be past a limit, or `stamp` is older than what it must replace (a clock is off); `reason` says
   * which.
   */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Applies one write. Only what changed takes `stamp`: fields that differ from what the client had read (`base`, else
 * `current`) and from `current`, and the elements that were added to or taken from a set.
 *
 * @param stamp newer than all that this server gave or accepted; the writes of one atomic batch may share it
 */
export function applyWrite(current: RecordState | undefined, write: Write, stamp: Stamp): WriteResult {
  assert(
    current === undefined || (current.kind === write.kind && current.id === write.id),
    `Cannot apply write on ${write.kind} "${write.id}" to ${current?.kind} "${current?.id}"`,
  );
  switch (write.op) {
    case "create":
      return current === undefined ? create(write, stamp) : { kind: "id_used" };
    case "update":
      return exists(current) ? update(current, write, stamp) : { kind: "not_found" };
    case "delete":
      return exists(current) ? remove(current, stamp) : { kind: "not_found" };
  }
}

function exists(current: RecordState | undefined): current is RecordState {
  return current !== undefined && current.deletedAt === undefined;
}

function create(write: Write & { op: "create" }, stamp: Stamp): WriteResult {
  const empty: RecordState = { kind: write.kind, id: write.id, fields: new Map(), sets: new Map() };
  return orRefused(() => {
    const state = edit(empty, write, stamp);
    checkRecord(state, WRITTEN_LIMITS);
    return { kind: "applied", state, changed: true };
  });
}

function update(current: RecordState, write: Write & { op: "update" }, stamp: Stamp): WriteResult {
  return orRefused(() => {
    const state = edit(current, write, stamp);
    // What a merge made larger than one writer may must stay open to mending.
    if (state !== current) checkRecord(state, fits(current) ? WRITTEN_LIMITS : ACCEPTED_LIMITS);
    return { kind: "applied", state, changed: state !== current };
  });
}

function remove(current: RecordState, stamp: Stamp): WriteResult {
  const state = tombstone(current, stamp, birthOf(current));
  return { kind: "applied", state, changed: true };
}

function orRefused(apply: () => WriteResult): WriteResult {
  try {
    return apply();
  } catch (error) {
    if (error instanceof RecordFormatError) return { kind: "refused", reason: error.message };
    throw error;
  }
}

function fits(current: RecordState): boolean {
  try {
    checkRecord(current, WRITTEN_LIMITS);
    return true;
  } catch (error) {
    if (error instanceof RecordFormatError) return false;
    throw error;
  }
}
