import type { WriteOptions } from "../node/mod.ts";
import type { CreateOutcome, DeleteOutcome, Refusal, UpdateOptions, UpdateOutcome } from "./outcome.ts";

/** Who is asking, as far as templates care; every `Principal` of the accounts is one. */
export interface Viewer {
  readonly userId: string;
  readonly groups: readonly string[];
  can(permission: number): boolean;
}

/** One day of a schedule; times like `9:00am`. */
export interface ScheduleDay {
  readonly enabled: boolean;
  readonly from: string;
  readonly to: string;
}

/** A template, in the names of the REST API, of the forms and of the stored fields alike. */
export interface Template {
  readonly template_id: string;
  readonly name: string;
  readonly description: string;
  readonly job: string;
  readonly volumes: string;
  /** Changes when job, volumes, platform, features or custom fields do. 16 hex digits. */
  readonly hash: string;
  /** Spaces made of it; always 0 here. */
  readonly usage: number;
  readonly deployed: number;
  /** Ids of the groups that may use it; none: everybody. */
  readonly groups: readonly string[];
  readonly platform: string;
  readonly active: boolean;
  readonly is_managed: boolean;
  readonly with_terminal: boolean;
  readonly with_vscode_tunnel: boolean;
  readonly with_code_server: boolean;
  readonly with_ssh: boolean;
  readonly with_run_command: boolean;
  readonly allow_node_migration: boolean;
  readonly startup_script_id: string;
  readonly shutdown_script_id: string;
  readonly compute_units: number;
  readonly storage_units: number;
  readonly schedule_enabled: boolean;
  readonly auto_start: boolean;
  /** Seven days from Sunday. */
  readonly schedule: readonly ScheduleDay[];
  readonly zones: readonly string[];
  readonly max_uptime: number;
  readonly max_uptime_unit: string;
  readonly icon_url: string;
  readonly custom_fields: ReadonlyArray<{ readonly name: string; readonly description: string }>;
  readonly health_check_type: string;
  readonly health_check_config: string;
  readonly health_check_skip_ssl_verify: boolean;
  readonly health_check_timeout: number;
  readonly health_check_interval: number;
  readonly health_check_max_failures: number;
  readonly health_check_auto_restart: boolean;
  readonly disable_user_activity: boolean;
  readonly ports: ReadonlyArray<{ readonly name: string; readonly port: number; readonly protocol: string }>;
  readonly created_at: string;
  readonly updated_at: string;
  readonly in_conflict: boolean;
  /** The record's version, for `ETag`. */
  readonly version: string;
}

/** A template variable. */
export interface Variable {
  readonly templatevar_id: string;
  readonly name: string;
  readonly zones: readonly string[];
  /** Only for spaces of this server. */
  readonly local: boolean;
  /** "" for a protected variable: its value is only ever used, never shown. */
  readonly value: string;
  readonly protected: boolean;
  /** Usable in templates only, not in scripts. */
  readonly restricted: boolean;
  readonly is_managed: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly in_conflict: boolean;
  readonly version: string;
}

/**
 * Templates. Everybody reads the active ones of their groups and this zone, without job, volumes and health check; all and everything with
 * Manage Templates, which changing needs.
 */
export interface TemplateService {
  /** In name order. */
  list(viewer: Viewer): Template[];
  /** By id or name; undefined as well when the viewer may not see it. */
  get(viewer: Viewer, idOrName: string): Template | undefined;
  /** The fields of {@link Template} that are not computed; only `name` and `platform` are needed. */
  create(viewer: Viewer, input: unknown, write?: WriteOptions): Promise<CreateOutcome>;
  update(viewer: Viewer, id: string, input: unknown, options?: UpdateOptions): Promise<UpdateOutcome>;
  delete(viewer: Viewer, id: string, write?: WriteOptions): Promise<DeleteOutcome>;
  /** What is wrong with `{platform, job, volumes}` before it is saved; none when nothing is. */
  validate(input: unknown): readonly SpecificationIssue[];
  /** YAML of one template, `${{ }}` verbatim, groups by name; undefined without Manage Templates, since a job may hold secrets. */
  export(viewer: Viewer, idOrName: string): string | undefined;
  /** Makes or updates, by name, what `export` wrote. */
  import(viewer: Viewer, yaml: string, write?: WriteOptions): Promise<ImportOutcome>;
}

/** One finding in a job or in volumes. */
export interface SpecificationIssue {
  readonly field: string;
  readonly message: string;
  /** From 1; 0 when it is about no line. */
  readonly line: number;
}

/** How an import ended. */
export type ImportOutcome =
  | (Exclude<CreateOutcome, Refusal> & { readonly name: string })
  | (Exclude<UpdateOutcome, Refusal> & { readonly id: string; readonly name: string })
  | Refusal;

/** Template variables. Reading and changing need Manage Variables. */
export interface VariableService {
  /** In name order. */
  list(viewer: Viewer): Variable[];
  /** By id or name. */
  get(viewer: Viewer, idOrName: string): Variable | undefined;
  /** `input`: `{name, value, zones?, local?, protected?, restricted?}`. */
  create(viewer: Viewer, input: unknown, write?: WriteOptions): Promise<CreateOutcome>;
  /**
   * An empty value of a protected variable leaves it as it is. Taking the protection off does not show the value: it is empty then, unless
   * a new one is given.
   */
  update(viewer: Viewer, id: string, input: unknown, options?: UpdateOptions): Promise<UpdateOutcome>;
  delete(viewer: Viewer, id: string, write?: WriteOptions): Promise<DeleteOutcome>;
}

/** Everything about templates. */
export interface Templates {
  readonly templates: TemplateService;
  readonly variables: VariableService;
}
