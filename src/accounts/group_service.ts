import { z } from "zod";
import type { Clock, Entropy } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { recordId, type RecordView } from "../records/mod.ts";
import { check } from "./check.ts";
import type { Group, GroupService } from "./contract.ts";
import { created, deleted, updated } from "./outcome.ts";
import { Permission } from "./permission.ts";
import type { Principal } from "./principal.ts";
import { caseClash, recordName } from "./record_name.ts";
import { baseOf, readFields } from "./stored_fields.ts";
import { limit } from "./user_input.ts";

const DEFAULTS = { name: "", max_spaces: 0, compute_units: 0, storage_units: 0, max_tunnels: 0 };
const FIELDS = Object.keys(DEFAULTS);

const limits = { max_spaces: limit.max(10_000), compute_units: limit, storage_units: limit, max_tunnels: limit };
const NewGroup = z.object({
  name: recordName,
  max_spaces: limits.max_spaces.default(0),
  compute_units: limit.default(0),
  storage_units: limit.default(0),
  max_tunnels: limit.default(0),
});
const GroupChange = z.object({ name: recordName, ...limits }).partial();

/** Groups of users. */
export function createGroupService(
  { node, clock, entropy }: { node: Node; clock: Clock; entropy: Entropy },
): GroupService {
  const find = (idOrName: string) => node.get("group", idOrName) ?? node.findByName("group", "name", idOrName);
  const view = (record: RecordView): Group => ({
    group_id: record.id,
    ...readFields(record, DEFAULTS),
    in_conflict: node.inConflict("group", record.id),
    version: record.version,
  });
  return {
    list: () => node.list("group").map(view).sort((a, b) => a.name.localeCompare(b.name)),
    get(idOrName) {
      const record = find(idOrName);
      return record && view(record);
    },
    async create(principal, input, write) {
      const refused = refuse(principal);
      if (refused) return refused;
      const checked = check(NewGroup, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      const clash = caseClash(node, { kind: "group", name: checked.value.name });
      if (clash) return clash;
      const id = recordId(clock.wallMs(), entropy(16));
      return created(id, await node.write([{ op: "create", kind: "group", id, fields: checked.value }], write));
    },
    async update(principal, id, input, { base, version, write } = {}) {
      const refused = refuse(principal);
      if (refused) return refused;
      const record = find(id);
      if (!record) return { kind: "not_found" };
      const checked = check(GroupChange, input);
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      const { name } = checked.value;
      const clash = name === undefined || name === record.fields.name
        ? undefined
        : caseClash(node, { kind: "group", name, but: record.id });
      if (clash) return clash;
      return updated(
        await node.write([{
          op: "update",
          kind: "group",
          id: record.id,
          fields: checked.value,
          base: baseOf(base, { fields: FIELDS, sets: [] }),
          version,
        }], write),
      );
    },
    async delete(principal, id, write) {
      const refused = refuse(principal);
      if (refused) return refused;
      const record = find(id);
      if (!record) return { kind: "not_found" };
      return deleted(await node.write([{ op: "delete", kind: "group", id: record.id }], write));
    },
  };
}

function refuse(principal: Principal) {
  if (principal.can(Permission.ManageGroups)) return undefined;
  return { kind: "forbidden", reason: "Changing groups needs the permission Manage Groups" } as const;
}
