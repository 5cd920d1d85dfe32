import type { Clock, Entropy } from "../base/mod.ts";
import type { Node, Value, Write, WriteOptions } from "../node/mod.ts";
import { recordId, type RecordView } from "../records/mod.ts";
import type { ImportOutcome, Template, TemplateService, Viewer } from "./contract.ts";
import {
  created,
  type CreateOutcome,
  deleted,
  type Refusal,
  updated,
  type UpdateOptions,
  type UpdateOutcome,
} from "./outcome.ts";
import { MANAGE_TEMPLATES } from "./permission.ts";
import { specificationIssues } from "./specification.ts";
import { baseOf, withoutUndefined } from "./stored_fields.ts";
import { checkNewTemplate, checkTemplateChange, sizeProblem, type TemplateChange } from "./template_input.ts";
import { TEMPLATE_NAMES, templateOf, withoutInnards } from "./template_view.ts";
import { parseTemplateYaml, templateYaml } from "./template_yaml.ts";
import { zoneAllowed } from "./zones.ts";

const NO_PERMISSION = {
  kind: "forbidden",
  reason: "Changing templates needs the permission Manage Templates",
} as const;

/** Templates; the rules are those of {@link TemplateService}. */
export function createTemplateService(
  { node, clock, entropy, zone }: { node: Node; clock: Clock; entropy: Entropy; zone: string },
): TemplateService {
  const find = (idOrName: string) => node.get("template", idOrName) ?? node.findByName("template", "name", idOrName);

  /** As the viewer may see it, or undefined. */
  const seen = (viewer: Viewer, record: RecordView): Template | undefined => {
    const template = templateOf(node, record);
    if (viewer.can(MANAGE_TEMPLATES)) return template;
    const usable = template.active && zoneAllowed(template.zones, zone) &&
      (template.groups.length === 0 || template.groups.some((group) => viewer.groups.includes(group)));
    return usable ? withoutInnards(template) : undefined;
  };

  const create = async (value: TemplateChange, write?: WriteOptions): Promise<CreateOutcome> => {
    const refused = unknownGroups(node, value.groups ?? []) ?? tooLarge(value);
    if (refused) return refused;
    const id = recordId(clock.wallMs(), entropy(16));
    return created(id, await node.write([{ op: "create", kind: "template", id, ...parts(value) }], write));
  };

  const update = async (
    record: RecordView,
    value: TemplateChange,
    { base: read, version, write }: UpdateOptions = {},
  ): Promise<UpdateOutcome> => {
    const base = baseOf(read, TEMPLATE_NAMES);
    const before = base?.sets.groups ?? record.sets.groups ?? [];
    const refused = unknownGroups(node, (value.groups ?? []).filter((group) => !before.includes(group))) ??
      tooLarge({ ...record.fields, ...record.sets, ...withoutUndefined(value) });
    if (refused) return refused;
    const change: Write = { op: "update", kind: "template", id: record.id, ...parts(value), base, version };
    return updated(await node.write([change], write));
  };

  return {
    list: (viewer) =>
      node.list("template").map((record) => seen(viewer, record)).filter((template) => template !== undefined)
        .sort((a, b) => a.name.localeCompare(b.name)),
    get(viewer, idOrName) {
      const record = find(idOrName);
      return record && seen(viewer, record);
    },
    async create(viewer, input, write) {
      if (!viewer.can(MANAGE_TEMPLATES)) return NO_PERMISSION;
      const checked = checkNewTemplate(input);
      return checked.ok ? await create(checked.value, write) : { kind: "invalid", fields: checked.fields };
    },
    async update(viewer, id, input, options) {
      if (!viewer.can(MANAGE_TEMPLATES)) return NO_PERMISSION;
      const record = find(id);
      if (!record) return { kind: "not_found" };
      const checked = checkTemplateChange(input);
      return checked.ok ? await update(record, checked.value, options) : { kind: "invalid", fields: checked.fields };
    },
    async delete(viewer, id, write) {
      if (!viewer.can(MANAGE_TEMPLATES)) return NO_PERMISSION;
      const record = find(id);
      if (!record) return { kind: "not_found" };
      return deleted(await node.write([{ op: "delete", kind: "template", id: record.id }], write));
    },
    validate: specificationIssues,
    export(viewer, idOrName) {
      const record = viewer.can(MANAGE_TEMPLATES) ? find(idOrName) : undefined;
      if (!record) return undefined;
      const template = templateOf(node, record);
      return templateYaml(template, template.groups.map((id) => String(node.get("group", id)?.fields.name ?? id)));
    },
    async import(viewer, yaml, write): Promise<ImportOutcome> {
      if (!viewer.can(MANAGE_TEMPLATES)) return NO_PERMISSION;
      const parsed = parseTemplateYaml(yaml);
      if (typeof parsed === "string") return { kind: "invalid", fields: { yaml: parsed } };
      const checked = checkNewTemplate({ ...parsed, groups: groupIds(node, parsed.groups) });
      if (!checked.ok) return { kind: "invalid", fields: checked.fields };
      const { name } = checked.value;
      const existing = node.findByName("template", "name", name);
      if (!existing) return withName(await create(checked.value, write), name);
      const outcome = await update(existing, checked.value, { write });
      return outcome.kind === "updated" ? { ...outcome, id: existing.id, name } : outcome;
    },
  };
}

function parts({ groups, zones, ...fields }: TemplateChange) {
  return { fields: withoutUndefined<Value>(fields), sets: withoutUndefined({ groups, zones }) };
}

function withName(outcome: CreateOutcome, name: string): ImportOutcome {
  return outcome.kind === "created" ? { ...outcome, name } : outcome;
}

function tooLarge(value: Readonly<Record<string, unknown>>): Refusal | undefined {
  const fields = sizeProblem(value);
  return fields && { kind: "invalid", fields };
}

function unknownGroups(node: Node, groups: readonly string[]): Refusal | undefined {
  const unknown = groups.find((id) => !node.get("group", id));
  if (unknown === undefined) return undefined;
  return { kind: "invalid", fields: { groups: `holds an unknown group: "${unknown}"` } };
}

/** Names become ids where they are known; what is not is refused later, by its name. */
function groupIds(node: Node, groups: unknown): unknown {
  if (!Array.isArray(groups)) return groups;
  return groups.map((group) =>
    typeof group === "string" ? node.findByName("group", "name", group)?.id ?? group : group
  );
}
