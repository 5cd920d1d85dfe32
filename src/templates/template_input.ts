import { z } from "zod";
import { check, type Checked, list, textOfBytes, word } from "./check.ts";
import { zoneList } from "./zones.ts";

/** Where a template's spaces run. */
export const PLATFORMS = ["manual", "docker", "podman", "nomad", "apple", "container"] as const;
/** How a space's health is asked. */
export const HEALTH_CHECKS = ["none", "agent", "tcp", "http", "program", "custom"] as const;
/** Units of `max_uptime`. */
export const UPTIME_UNITS = ["disabled", "minute", "hour", "day"] as const;
/** Protocols of a port. */
export const PORT_PROTOCOLS = ["tcp", "http", "https"] as const;

/** Names of variables and custom fields: what can stand in `${{ .var.name }}`. */
export const variableName = z.string().regex(
  /^[a-zA-Z][a-zA-Z0-9_]{1,63}$/,
  "must be 2 to 64 letters, digits or '_', and begin with a letter",
);

/** Job, volumes and variable values: 10 MiB, as the original. */
export const bigText = textOfBytes(10 * 1024 * 1024, "10 MiB");

/** What one record may hold is 12 MiB: half of what servers accept, so that what two of them wrote still fits when merged. */
const TEMPLATE_BYTES_MAX = 12 * 1024 * 1024;
/** Names, stamps and lengths of a template's registers in its record. */
const REGISTERS_BYTES = 16 * 1024;
/** Of one group or zone of a template: a stamp of its own, and its length. */
const ELEMENT_BYTES = 40;

const DESCRIPTION_CHARACTERS_MAX = 4_096;
const HEALTH_CONFIG_CHARACTERS_MAX = 65_536;
const GROUPS_MAX = 1_000;
const CUSTOM_FIELDS_MAX = 100;
const PORTS_MAX = 100;
/** What every client's 32-bit integer holds. */
const INTEGER_MAX = 2_147_483_647;

const PORT_RANGE = "must be from 1 to 65535";
const integer = z.int().min(0).max(INTEGER_MAX);
const name = z.string().trim().min(1, "is required").max(64)
  .refine((text) => !/\p{Cc}/u.test(text), "must not contain control characters");
const time = z.string().regex(/^$|^(1[0-2]|0?[1-9]):[0-5]\d(am|pm)$/, "must be a time like 9:00am");
const day = z.object({ enabled: z.boolean().default(false), from: time.default(""), to: time.default("") })
  .refine((value) => !value.enabled || (value.from !== "" && value.to !== ""), "needs a time from and a time to");
const customField = z.object({
  name: variableName,
  description: z.string().max(DESCRIPTION_CHARACTERS_MAX).default(""),
});
const port = z.object({
  name: z.string().max(64).refine((text) => !/[=,]/.test(text), "must not contain '=' or ','").default(""),
  port: z.int().min(1, PORT_RANGE).max(65_535, PORT_RANGE),
  protocol: z.enum(PORT_PROTOCOLS),
});

const shape = {
  name,
  platform: z.enum(PLATFORMS),
  description: z.string().max(DESCRIPTION_CHARACTERS_MAX),
  job: bigText,
  volumes: bigText,
  groups: list(z.string().max(64), GROUPS_MAX),
  zones: zoneList,
  active: z.boolean(),
  with_terminal: z.boolean(),
  with_vscode_tunnel: z.boolean(),
  with_code_server: z.boolean(),
  with_ssh: z.boolean(),
  with_run_command: z.boolean(),
  allow_node_migration: z.boolean(),
  startup_script_id: z.string().max(64),
  shutdown_script_id: z.string().max(64),
  compute_units: integer,
  storage_units: integer,
  schedule_enabled: z.boolean(),
  auto_start: z.boolean(),
  schedule: list(day, 7).refine((days) => days.length === 0 || days.length === 7, "must have seven days, or none"),
  max_uptime: integer,
  max_uptime_unit: word(UPTIME_UNITS),
  icon_url: z.string().max(2_048)
    .refine((text) => !/^\s*(javascript|vbscript|file):/i.test(text), "must be a web address or a path"),
  custom_fields: list(customField, CUSTOM_FIELDS_MAX)
    .refine((fields) => new Set(fields.map((field) => field.name)).size === fields.length, "must have each name once"),
  health_check_type: word(HEALTH_CHECKS),
  health_check_config: z.string().max(HEALTH_CONFIG_CHARACTERS_MAX),
  health_check_skip_ssl_verify: z.boolean(),
  health_check_timeout: integer,
  health_check_interval: integer,
  health_check_max_failures: integer,
  health_check_auto_restart: z.boolean(),
  disable_user_activity: z.boolean(),
  ports: list(port, PORTS_MAX),
};

/** What a template has when nobody says otherwise; platform and name have no default. */
export const TEMPLATE_DEFAULTS = {
  description: "",
  job: "",
  volumes: "",
  active: true,
  with_terminal: false,
  with_vscode_tunnel: false,
  with_code_server: false,
  with_ssh: false,
  with_run_command: false,
  allow_node_migration: false,
  startup_script_id: "",
  shutdown_script_id: "",
  compute_units: 0,
  storage_units: 0,
  schedule_enabled: false,
  auto_start: false,
  max_uptime: 0,
  max_uptime_unit: "disabled",
  icon_url: "",
  health_check_type: "none",
  health_check_config: "",
  health_check_skip_ssl_verify: false,
  health_check_timeout: 0,
  health_check_interval: 0,
  health_check_max_failures: 0,
  health_check_auto_restart: false,
  disable_user_activity: false,
};

const TemplateChange = z.object(shape).partial();
const NewTemplate = TemplateChange.required({ name: true, platform: true });

/** A checked change: what was left out is absent. */
export type TemplateChange = z.output<typeof TemplateChange>;

/** Checks what `POST /api/templates` takes; defaults are filled in. */
export function checkNewTemplate(input: unknown): Checked<TemplateChange & { name: string; platform: string }> {
  const checked = check(NewTemplate, input);
  if (!checked.ok) return checked;
  const given = Object.fromEntries(Object.entries(checked.value).filter(([, value]) => value !== undefined));
  const whole = { ...TEMPLATE_DEFAULTS, schedule: [], custom_fields: [], ports: [], groups: [], zones: [], ...given };
  return { ok: true, value: whole as unknown as TemplateChange & { name: string; platform: string } };
}

/** Checks what `PUT /api/templates/{id}` takes. */
export function checkTemplateChange(input: unknown): Checked<TemplateChange> {
  return check(TemplateChange, input);
}

/** Why a template that holds `value` in all would not fit into one record; undefined where it does. */
export function sizeProblem(value: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> | undefined {
  const { job = "", volumes = "", ...rest } = value;
  const elements = [value.groups, value.zones].reduce<number>((n, set) => n + (Array.isArray(set) ? set.length : 0), 0);
  const bytes = [String(job), String(volumes), JSON.stringify(rest)].reduce((sum, text) => sum + utf8Length(text), 0);
  if (bytes + REGISTERS_BYTES + elements * ELEMENT_BYTES <= TEMPLATE_BYTES_MAX) return undefined;
  const why = "can have at most 12 MiB together with all else in the template";
  return { job: why, volumes: why };
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
