import { z } from "zod";
import type { Clock, Entropy } from "../base/mod.ts";
import type { Node, Value } from "../node/mod.ts";
import { recordId, type RecordView } from "../records/mod.ts";
import { check } from "./check.ts";
import type { Variable, VariableService } from "./contract.ts";
import { created, deleted, type Refusal, updated } from "./outcome.ts";
import { MANAGE_VARIABLES } from "./permission.ts";
import type { ValueSealer } from "./sealer.ts";
import { baseOf, readFields, timeText, withoutUndefined } from "./stored_fields.ts";
import { bigText, variableName } from "./template_input.ts";
import { zoneList } from "./zones.ts";

/** Sealed text is a third longer than the value; a stored value can have 11 MiB. */
const SEALED_CHARACTERS_MAX = 11 * 1024 * 1024 - 1024;

const DEFAULTS = { name: "", value: "", local: false, protected: false, restricted: false };
const NAMES = { fields: Object.keys(DEFAULTS), sets: ["zones"] } as const;

const VariableChange = z.object({
  name: variableName,
  value: bigText,
  zones: zoneList,
  local: z.boolean(),
  protected: z.boolean(),
  restricted: z.boolean(),
}).partial();
const NewVariable = VariableChange.required({ name: true });
type VariableChange = z.output<typeof VariableChange>;

const NO_PERMISSION = { kind: "forbidden", reason: "Variables need the permission Manage Variables" } as const;

/** Template variables; the rules are those of {@link VariableService}. */
export function createVariableService(
  { node, clock, entropy, sealer }: { node: Node; clock: Clock; entropy: Entropy; sealer: ValueSealer },
): VariableService {
  const find = (idOrName: string) =>
    node.get("template_variable", idOrName) ?? node.findByName("template_variable", "name", idOrName);
  return {
    list: (viewer) =>
      viewer.can(MANAGE_VARIABLES)
        ? node.list("template_variable").map((record) => variableOf(node, record)).sort((a, b) =>
          a.name.localeCompare(b.name)
        )
        : [],
    get(viewer, idOrName) {
      const record = viewer.can(MANAGE_VARIABLES) ? find(idOrName) : undefined;
      return record && variableOf(node, record);
    },
    async create(viewer, input, write) {
      if (!viewer.can(MANAGE_VARIABLES)) return NO_PERMISSION;
      const checked = check(NewVariable, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      const { zones = [], ...given } = checked.value;
      const fields = placeValue(undefined, { ...DEFAULTS, ...withoutUndefined(given) }, sealer);
      if (fields === undefined) return TOO_LONG;
      const id = recordId(clock.wallMs(), entropy(16));
      return created(
        id,
        await node.write(
          [{ op: "create", kind: "template_variable", id, fields, sets: { zones } }],
          write,
        ),
      );
    },
    async update(viewer, id, input, { base: read, version, write } = {}) {
      if (!viewer.can(MANAGE_VARIABLES)) return NO_PERMISSION;
      const record = find(id);
      if (!record) return { kind: "not_found" };
      const checked = check(VariableChange, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      const { zones, ...given } = checked.value;
      const fields = placeValue(record, withoutUndefined(given), sealer);
      if (fields === undefined) return TOO_LONG;
      return updated(
        await node.write([{
          op: "update",
          kind: "template_variable",
          id: record.id,
          fields,
          sets: zones === undefined ? {} : { zones },
          base: baseOf(read, NAMES),
          version,
        }], write),
      );
    },
    async delete(viewer, id, write) {
      if (!viewer.can(MANAGE_VARIABLES)) return NO_PERMISSION;
      const record = find(id);
      if (!record) return { kind: "not_found" };
      return deleted(await node.write([{ op: "delete", kind: "template_variable", id: record.id }], write));
    },
  };
}

const TOO_LONG: Refusal = { kind: "invalid", fields: { value: "can have at most 8 MiB when it is protected" } };

/**
 * Puts the value where it belongs. A protected value has a field of its own: whichever edits of two servers are merged, one that takes the
 * protection off cannot lay open a value that the other protected. Undefined when the sealed value would be too long.
 */
function placeValue(
  record: RecordView | undefined,
  given: VariableChange,
  sealer: ValueSealer,
): Record<string, Value> | undefined {
  const before = record ? readFields(record, { ...DEFAULTS, protected_value: "" }) : undefined;
  const isProtected = given.protected ?? before?.protected ?? false;
  const { value, ...fields } = given;
  if (!isProtected) return withoutUndefined({ ...fields, value, protected_value: before?.protected ? "" : undefined });
  const text = value || (before?.protected ? "" : before?.value ?? ""); // Protected just now: the open value goes under cover.
  if (text === "" || text === sealer.open(before?.protected_value ?? "")) {
    return withoutUndefined({ ...fields, value: "" });
  }
  const sealed = sealer.seal(text);
  if (sealed.length > SEALED_CHARACTERS_MAX) return undefined;
  return withoutUndefined({ ...fields, value: "", protected_value: sealed });
}

function variableOf(node: Node, record: RecordView): Variable {
  const fields = readFields(record, DEFAULTS);
  return {
    templatevar_id: record.id,
    ...fields,
    value: fields.protected ? "" : fields.value,
    zones: record.sets.zones ?? [],
    is_managed: false,
    created_at: timeText(record.createdAtMs),
    updated_at: timeText(record.updatedAtMs),
    in_conflict: node.inConflict("template_variable", record.id),
    version: record.version,
  };
}
