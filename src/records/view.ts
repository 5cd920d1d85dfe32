import { assert } from "../base/mod.ts";
import { kindDefinition } from "./kinds.ts";
import type { RecordState, RecordView, Value, Version } from "./record.ts";
import { stampMs, stampRange } from "./stamp.ts";
import { decodeValue } from "./value.ts";

/** An existing record as the rest of the server reads it; tombstones have no view. */
export function viewRecord(state: RecordState, version: Version): RecordView {
  assert(state.deletedAt === undefined, `Cannot view ${state.kind} "${state.id}": it is deleted`);
  const fields: Record<string, Value> = {};
  for (const [name, register] of state.fields) fields[name] = decodeValue(register.value);
  const sets: Record<string, string[]> = {};
  for (const name of kindDefinition(state.kind)?.sets ?? []) sets[name] = [];
  for (const [name, elements] of state.sets) {
    sets[name] = [...elements].filter(([, membership]) => membership.present).map(([element]) => element).sort();
  }
  const { least, greatest } = stampRange(state);
  return {
    kind: state.kind,
    id: state.id,
    version,
    fields,
    sets,
    stampMs: (field) => {
      const register = state.fields.get(field);
      return register && stampMs(register.stamp);
    },
    createdAtMs: stampMs(least),
    updatedAtMs: stampMs(greatest),
  };
}
