import type { FC } from "hono/jsx";
import { HEALTH_CHECKS, PLATFORMS, type Template, UPTIME_UNITS } from "../../templates/mod.ts";
import type { FormBody, Input } from "../form_body.ts";
import { CheckField, CheckGroup, type Errors, Section, SelectField, TextArea, TextField } from "../parts/fields.tsx";
import { ZonesField } from "../parts/zones.tsx";
import type { FormView } from "../resource.ts";
import type { Site } from "../site.ts";
import { itemsOf, numberOf, textOf, wordsOf } from "../values.ts";
import {
  CustomFieldRows,
  PortRows,
  readCustomFields,
  readPorts,
  readSchedule,
  ROW_LABELS,
  ScheduleRows,
} from "./template_rows.tsx";
import { choiceName, choicesOf } from "./user_form.tsx";

const options = (names: readonly string[]) => names.map((name) => ({ value: name, label: name }));

const FEATURES = [
  { name: "with_terminal", label: "Web terminal" },
  { name: "with_vscode_tunnel", label: "VS Code tunnel" },
  { name: "with_code_server", label: "Code server" },
  { name: "with_ssh", label: "SSH" },
  { name: "with_run_command", label: "Run commands" },
  { name: "allow_node_migration", label: "May move to another node" },
  { name: "disable_user_activity", label: "Do not track user activity" },
] as const;

/** Names of a template's fields as people know them: in the form and in its summary of errors alike. */
export const TEMPLATE_LABELS = {
  name: "Name",
  description: "Description",
  platform: "Platform",
  icon_url: "Icon address",
  active: "Active: may be used",
  job: "Job",
  volumes: "Volumes",
  zones: "Zones",
  groups: "Groups",
  schedule_enabled: "Spaces run only at these times",
  auto_start: "Start them when the time begins",
  compute_units: "Compute units",
  storage_units: "Storage units",
  max_uptime: "Longest uptime",
  max_uptime_unit: "Unit of uptime",
  health_check_type: "Type",
  health_check_config: "Target or command",
  health_check_timeout: "Timeout, seconds",
  health_check_interval: "Interval, seconds",
  health_check_max_failures: "Failures before it counts",
  health_check_skip_ssl_verify: "Do not verify TLS certificates",
  health_check_auto_restart: "Restart a space that fails",
  ...Object.fromEntries(FEATURES.map(({ name, label }) => [name, label])),
  ...ROW_LABELS,
} as const;

/** A new template's form. */
export function blankTemplate(): Input {
  return {
    name: "",
    description: "",
    job: "",
    volumes: "",
    groups: [],
    platform: "docker",
    active: true,
    ...Object.fromEntries(FEATURES.map((feature) => [feature.name, false])),
    compute_units: 0,
    storage_units: 0,
    schedule_enabled: false,
    auto_start: false,
    schedule: [],
    zones: [],
    max_uptime: 0,
    max_uptime_unit: "disabled",
    icon_url: "",
    custom_fields: [],
    health_check_type: "none",
    health_check_config: "",
    health_check_skip_ssl_verify: false,
    health_check_timeout: 10,
    health_check_interval: 30,
    health_check_max_failures: 3,
    health_check_auto_restart: false,
    ports: [],
  };
}

/** A template in the shape of the service's input. */
export function templateInput(template: Template): Input {
  return Object.fromEntries(Object.keys(blankTemplate()).map((name) => [name, template[name as keyof Template]]));
}

/** A sent form in the shape of the service's input. */
export function readTemplate(form: FormBody): Input {
  return {
    name: form.line("name"),
    description: form.text("description"),
    job: form.text("job"),
    volumes: form.text("volumes"),
    groups: form.list("groups"),
    platform: form.line("platform"),
    active: form.flag("active"),
    ...Object.fromEntries(FEATURES.map((feature) => [feature.name, form.flag(feature.name)])),
    compute_units: form.number("compute_units"),
    storage_units: form.number("storage_units"),
    schedule_enabled: form.flag("schedule_enabled"),
    auto_start: form.flag("auto_start"),
    schedule: readSchedule(form),
    zones: form.words("zones"),
    max_uptime: form.number("max_uptime"),
    max_uptime_unit: form.line("max_uptime_unit"),
    icon_url: form.line("icon_url"),
    custom_fields: readCustomFields(form),
    health_check_type: form.line("health_check_type"),
    health_check_config: form.text("health_check_config"),
    health_check_skip_ssl_verify: form.flag("health_check_skip_ssl_verify"),
    health_check_timeout: form.number("health_check_timeout"),
    health_check_interval: form.number("health_check_interval"),
    health_check_max_failures: form.number("health_check_max_failures"),
    health_check_auto_restart: form.flag("health_check_auto_restart"),
    ports: readPorts(form),
  };
}

/** The form of one template. */
export const TemplateForm: FC<{ site: Site; view: FormView<Template> }> = ({ site, view: { values, errors } }) => {
  const groups = site.accounts.groups.list().map((group) => ({ value: group.group_id, label: choiceName(group) }));
  return (
    <>
      <TextField
        name="name"
        label={TEMPLATE_LABELS.name}
        value={textOf(values.name)}
        required
        maxlength={64}
        errors={errors}
      />
      <TextArea
        name="description"
        label={TEMPLATE_LABELS.description}
        value={textOf(values.description)}
        rows={2}
        errors={errors}
      />
      <div class="pair">
        <SelectField
          name="platform"
          label={TEMPLATE_LABELS.platform}
          value={textOf(values.platform)}
          options={options(PLATFORMS)}
          errors={errors}
        />
        <TextField name="icon_url" label={TEMPLATE_LABELS.icon_url} value={textOf(values.icon_url)} errors={errors} />
      </div>
      <CheckField name="active" label={TEMPLATE_LABELS.active} checked={values.active === true} errors={errors} />
      <Section title="Definition">
        <TextArea name="job" label={TEMPLATE_LABELS.job} value={textOf(values.job)} rows={14} code errors={errors} />
        <TextArea
          name="volumes"
          label={TEMPLATE_LABELS.volumes}
          value={textOf(values.volumes)}
          rows={6}
          code
          errors={errors}
        />
      </Section>
      <Section title="Where and for whom">
        <ZonesField zones={wordsOf(values.zones)} errors={errors} />
        <CheckGroup
          name="groups"
          label={TEMPLATE_LABELS.groups}
          choices={choicesOf(groups, values.groups)}
          chosen={wordsOf(values.groups)}
          errors={errors}
          hint="None chosen: everybody."
          none="There are no groups yet: everybody may use it."
        />
      </Section>
      <Section title="Features">
        <div class="pair">
          {FEATURES.map((feature) => (
            <CheckField
              name={feature.name}
              label={feature.label}
              checked={values[feature.name] === true}
              errors={errors}
            />
          ))}
        </div>
      </Section>
      <Limits values={values} errors={errors} />
      <Section title="Schedule">
        <CheckField
          name="schedule_enabled"
          label={TEMPLATE_LABELS.schedule_enabled}
          checked={values.schedule_enabled === true}
          errors={errors}
        />
        <CheckField
          name="auto_start"
          label={TEMPLATE_LABELS.auto_start}
          checked={values.auto_start === true}
          errors={errors}
        />
        <ScheduleRows days={itemsOf(values.schedule)} errors={errors} />
      </Section>
      <Section title="Custom fields">
        <CustomFieldRows items={itemsOf(values.custom_fields)} errors={errors} />
      </Section>
      <Section title="Ports">
        <PortRows items={itemsOf(values.ports)} errors={errors} />
      </Section>
      <HealthCheck values={values} errors={errors} />
    </>
  );
};

const Limits: FC<{ values: Input; errors: Errors }> = ({ values, errors }) => (
  <Section title="Resources">
    <div class="pair">
      <NumberField name="compute_units" label={TEMPLATE_LABELS.compute_units} values={values} errors={errors} />
      <NumberField name="storage_units" label={TEMPLATE_LABELS.storage_units} values={values} errors={errors} />
      <NumberField name="max_uptime" label={TEMPLATE_LABELS.max_uptime} values={values} errors={errors} />
      <SelectField
        name="max_uptime_unit"
        label={TEMPLATE_LABELS.max_uptime_unit}
        value={textOf(values.max_uptime_unit)}
        options={options(UPTIME_UNITS)}
        errors={errors}
      />
    </div>
  </Section>
);

const HealthCheck: FC<{ values: Input; errors: Errors }> = ({ values, errors }) => (
  <Section title="Health check">
    <div class="pair">
      <SelectField
        name="health_check_type"
        label={TEMPLATE_LABELS.health_check_type}
        value={textOf(values.health_check_type)}
        options={options(HEALTH_CHECKS)}
        errors={errors}
      />
      <TextField
        name="health_check_config"
        label={TEMPLATE_LABELS.health_check_config}
        value={textOf(values.health_check_config)}
        errors={errors}
      />
      <NumberField
        name="health_check_timeout"
        label={TEMPLATE_LABELS.health_check_timeout}
        values={values}
        errors={errors}
      />
      <NumberField
        name="health_check_interval"
        label={TEMPLATE_LABELS.health_check_interval}
        values={values}
        errors={errors}
      />
      <NumberField
        name="health_check_max_failures"
        label={TEMPLATE_LABELS.health_check_max_failures}
        values={values}
        errors={errors}
      />
    </div>
    <CheckField
      name="health_check_skip_ssl_verify"
      label={TEMPLATE_LABELS.health_check_skip_ssl_verify}
      checked={values.health_check_skip_ssl_verify === true}
      errors={errors}
    />
    <CheckField
      name="health_check_auto_restart"
      label={TEMPLATE_LABELS.health_check_auto_restart}
      checked={values.health_check_auto_restart === true}
      errors={errors}
    />
  </Section>
);

const NumberField: FC<{ name: string; label: string; values: Input; errors: Errors }> = (
  { name, label, values, errors },
) => (
  <TextField
    name={name}
    label={label}
    type="number"
    inputmode="numeric"
    min={0}
    value={numberOf(values[name])}
    errors={errors}
  />
);
