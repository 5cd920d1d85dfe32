import type { FC } from "hono/jsx";
import { HEALTH_CHECKS, PLATFORMS, type Template, UPTIME_UNITS } from "../../templates/mod.ts";
import type { FormBody, Input } from "../form_body.ts";
import { CheckField, CheckGroup, type Errors, Section, SelectField, TextArea, TextField } from "../parts/fields.tsx";
import type { FormView } from "../resource.ts";
import type { Site } from "../site.ts";
import { itemsOf, numberOf, textOf, wordsOf } from "../values.ts";
import {
  CustomFieldRows,
  PortRows,
  readCustomFields,
  readPorts,
  readSchedule,
  ScheduleRows,
} from "./template_rows.tsx";
import { choicesOf } from "./user_form.tsx";

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
  const groups = site.accounts.groups.list().map((group) => ({ value: group.group_id, label: group.name }));
  return (
    <>
      <TextField name="name" label="Name" value={textOf(values.name)} required maxlength={64} errors={errors} />
      <TextArea name="description" label="Description" value={textOf(values.description)} rows={2} errors={errors} />
      <div class="pair">
        <SelectField
          name="platform"
          label="Platform"
          value={textOf(values.platform)}
          options={options(PLATFORMS)}
          errors={errors}
        />
        <TextField name="icon_url" label="Icon address" value={textOf(values.icon_url)} errors={errors} />
      </div>
      <CheckField name="active" label="Active: may be used" checked={values.active === true} errors={errors} />
      <Section title="Definition">
        <TextArea name="job" label="Job" value={textOf(values.job)} rows={14} code errors={errors} />
        <TextArea name="volumes" label="Volumes" value={textOf(values.volumes)} rows={6} code errors={errors} />
      </Section>
      <Section title="Where and for whom">
        <TextField
          name="zones"
          label="Zones"
          value={wordsOf(values.zones).join(", ")}
          errors={errors}
          hint="Names with commas between; “!” in front excludes a zone. Empty for everywhere."
        />
        <CheckGroup
          name="groups"
          label="Groups"
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
          label="Spaces run only at these times"
          checked={values.schedule_enabled === true}
          errors={errors}
        />
        <CheckField
          name="auto_start"
          label="Start them when the time begins"
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
      <NumberField name="compute_units" label="Compute units" values={values} errors={errors} />
      <NumberField name="storage_units" label="Storage units" values={values} errors={errors} />
      <NumberField name="max_uptime" label="Longest uptime" values={values} errors={errors} />
      <SelectField
        name="max_uptime_unit"
        label="Unit of uptime"
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
        label="Type"
        value={textOf(values.health_check_type)}
        options={options(HEALTH_CHECKS)}
        errors={errors}
      />
      <TextField
        name="health_check_config"
        label="Target or command"
        value={textOf(values.health_check_config)}
        errors={errors}
      />
      <NumberField name="health_check_timeout" label="Timeout, seconds" values={values} errors={errors} />
      <NumberField name="health_check_interval" label="Interval, seconds" values={values} errors={errors} />
      <NumberField name="health_check_max_failures" label="Failures before it counts" values={values} errors={errors} />
    </div>
    <CheckField
      name="health_check_skip_ssl_verify"
      label="Do not verify TLS certificates"
      checked={values.health_check_skip_ssl_verify === true}
      errors={errors}
    />
    <CheckField
      name="health_check_auto_restart"
      label="Restart a space that fails"
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
