import { parse, stringify } from "yaml";
import type { Template } from "./contract.ts";

/** Features stand in a folder of their own in the exported file, as in the original's. */
const FEATURES = [
  "with_terminal",
  "with_vscode_tunnel",
  "with_code_server",
  "with_ssh",
  "with_run_command",
  "allow_node_migration",
] as const;

/** Fields that are written also when they are empty. */
const ALWAYS = new Set(["name", "platform", "active", "compute_units"]);

/** Order of the file: what a reader looks for first, the long texts last. */
const FIELDS = [
  "name",
  "description",
  "platform",
  "icon_url",
  "active",
  "compute_units",
  "storage_units",
  "features",
  "groups",
  "zones",
  "max_uptime",
  "max_uptime_unit",
  "schedule_enabled",
  "schedule",
  "auto_start",
  "custom_fields",
  "health_check_type",
  "health_check_config",
  "health_check_skip_ssl_verify",
  "health_check_timeout",
  "health_check_interval",
  "health_check_max_failures",
  "health_check_auto_restart",
  "disable_user_activity",
  "ports",
  "job",
  "volumes",
] as const;

/** The portable form of a template; `groups` are names, so that it means the same on another cluster. */
export function templateYaml(template: Template, groups: readonly string[]): string {
  const features = Object.fromEntries(FEATURES.filter((name) => template[name]).map((name) => [name, true]));
  const source: Record<string, unknown> = { ...template, groups, features };
  if (!template.schedule.some((day) => day.enabled)) delete source.schedule;
  const kept = FIELDS.filter((name) => ALWAYS.has(name) || !isEmpty(source[name])).map((name) => [name, source[name]]);
  // No folding: `${{ }}` and whatever else a job holds stays as it is, character for character.
  return stringify(Object.fromEntries(kept), { lineWidth: 0, blockQuote: "literal", aliasDuplicateObjects: false });
}

/** Reads what {@link templateYaml} wrote, or the original; a text instead of fields says what is wrong with it. */
export function parseTemplateYaml(yaml: string): Record<string, unknown> | string {
  let parsed: unknown;
  try {
    parsed = parse(yaml, { maxAliasCount: 100, logLevel: "silent" });
  } catch (error) {
    return `is no YAML: ${error instanceof Error ? error.message.split("\n")[0] : "it cannot be read"}`;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return "must have the fields of a template";
  }
  const { features, startup_script: _startup, shutdown_script: _shutdown, ...fields } = parsed as Record<
    string,
    unknown
  >;
  const given: Record<string, unknown> = typeof features === "object" && features !== null ? { ...features } : {};
  const known = Object.fromEntries(FEATURES.filter((name) => name in given).map((name) => [name, given[name]]));
  return { ...fields, ...known };
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === "" || value === 0 || value === false;
}
