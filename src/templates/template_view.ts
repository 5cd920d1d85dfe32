import { createHash } from "node:crypto";
import type { Node } from "../node/mod.ts";
import type { RecordView } from "../records/mod.ts";
import type { ScheduleDay, Template } from "./contract.ts";
import { readFields, readObjects, timeText } from "./stored_fields.ts";
import { TEMPLATE_DEFAULTS } from "./template_input.ts";

const FIELDS = { name: "", platform: "manual", ...TEMPLATE_DEFAULTS };

/** Names of the fields and sets that a client may have read and changed. */
export const TEMPLATE_NAMES = {
  fields: [...Object.keys(FIELDS), "schedule", "custom_fields", "ports"],
  sets: ["groups", "zones"],
} as const;

const DAYS = 7;
const ANY_TIME: ScheduleDay = { enabled: false, from: "12:00am", to: "11:59pm" };

/** A record as a template, whole. */
export function templateOf(node: Node, record: RecordView): Template {
  const fields = readFields(record, FIELDS);
  const schedule = readObjects(record, "schedule", ANY_TIME as { enabled: boolean; from: string; to: string });
  const custom_fields = readObjects(record, "custom_fields", { name: "", description: "" });
  return {
    template_id: record.id,
    ...fields,
    hash: templateHash(fields, custom_fields),
    usage: 0,
    deployed: 0,
    groups: record.sets.groups ?? [],
    zones: record.sets.zones ?? [],
    is_managed: false,
    schedule: schedule.length === DAYS ? schedule : Array<ScheduleDay>(DAYS).fill(ANY_TIME),
    custom_fields,
    ports: readObjects(record, "ports", { name: "", port: 0, protocol: "tcp" }),
    created_at: timeText(record.createdAtMs),
    updated_at: timeText(record.updatedAtMs),
    in_conflict: node.inConflict("template", record.id),
    version: record.version,
  };
}

/** What is nobody's business who only uses the template: a job may hold the password of a registry. */
export function withoutInnards(template: Template): Template {
  return { ...template, job: "", volumes: "", health_check_config: "" };
}

/**
 * Tells whether a space was made of what the template is now. A function of the contents, not a stored field: merged edits of two servers
 * have the hash of what came out.
 */
function templateHash(
  fields: typeof FIELDS,
  customFields: ReadonlyArray<{ name: string; description: string }>,
): string {
  const parts = [
    fields.job,
    fields.volumes,
    fields.platform,
    fields.with_terminal,
    fields.with_vscode_tunnel,
    fields.with_code_server,
    fields.with_ssh,
    fields.with_run_command,
    customFields.map((field) => [field.name, field.description]),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
