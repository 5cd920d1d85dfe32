import type { Child, FC } from "hono/jsx";
import { PORT_PROTOCOLS } from "../../templates/mod.ts";
import type { FormBody } from "../form_body.ts";
import type { Errors } from "../parts/fields.tsx";
import { numberOf, textOf } from "../values.ts";

type Item = Readonly<Record<string, unknown>>;

/** Empty rows below the filled ones; saving brings as many again. */
const SPARE_ROWS = 3;

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/** Cells that a list of the input has, by the input's name: the form's name, and what people call it. */
const CELLS: Readonly<
  Record<string, { readonly row: string; readonly cells: Readonly<Record<string, readonly [string, string]>> }>
> = {
  custom_fields: {
    row: "Custom field",
    cells: { name: ["custom_field_name", "Name"], description: ["custom_field_description", "Description"] },
  },
  ports: {
    row: "Port",
    cells: { name: ["port_name", "Name"], port: ["port_number", "Port"], protocol: ["port_protocol", "Protocol"] },
  },
};

/** More rows of one kind than a template may have. */
const LABELLED_ROWS_MAX = 101;

/** Names of all cells, for the summary of errors: "Sunday: From", "Port 1: Port". */
export const ROW_LABELS: Readonly<Record<string, string>> = Object.fromEntries([
  ["schedule", "Schedule"],
  ["custom_fields", "Custom fields"],
  ["ports", "Ports"],
  ...DAYS.flatMap((label, day) => [
    [`schedule_${day}`, label],
    [`schedule_${day}_from`, `${label}: From`],
    [`schedule_${day}_to`, `${label}: To`],
  ]),
  ...Object.values(CELLS).flatMap(({ row, cells }) =>
    Object.values(cells).flatMap(([name, label]) =>
      Array.from({ length: LABELLED_ROWS_MAX }, (_, at) => [`${name}_${at}`, `${row} ${at + 1}: ${label}`])
    )
  ),
]);

/** The cell of a row that a service names by its path: `schedule.0.from` → `schedule_0_from`, `ports.2.port` → `port_number_2`. */
export function cellOf(path: string): string {
  const [list, at, part] = path.split(".");
  if (at === undefined) return path;
  if (list === "schedule") return part === undefined ? `schedule_${at}` : `schedule_${at}_${part}`;
  const cell = CELLS[list]?.cells[part ?? ""];
  return cell === undefined ? list : `${cell[0]}_${at}`;
}

/** Seven days from Sunday; none when no day was filled in, which is how a template without a schedule is stored. */
export function readSchedule(form: FormBody): Item[] {
  const days = DAYS.map((_, day) => ({
    enabled: form.flag(`schedule_${day}_enabled`),
    from: form.line(`schedule_${day}_from`),
    to: form.line(`schedule_${day}_to`),
  }));
  return days.some((day) => day.enabled || day.from !== "" || day.to !== "") ? days : [];
}

/** Rows with a name or a description. */
export function readCustomFields(form: FormBody): Item[] {
  const descriptions = form.list("custom_field_description");
  return form.list("custom_field_name")
    .map((name, at) => ({ name: name.trim(), description: (descriptions[at] ?? "").trim() }))
    .filter((field) => field.name !== "" || field.description !== "");
}

/** Rows with a name or a port. */
export function readPorts(form: FormBody): Item[] {
  const ports = form.list("port_number");
  const protocols = form.list("port_protocol");
  return form.list("port_name")
    .map((name, at) => ({ name: name.trim(), port: Number(ports[at] ?? ""), protocol: protocols[at] ?? "" }))
    .filter((row, at) => row.name !== "" || (ports[at] ?? "").trim() !== "");
}

/** From when to when, for each day. */
export const ScheduleRows: FC<{ days: readonly Item[]; errors: Errors }> = ({ days, errors }) => (
  <Rows name="schedule" errors={errors} hint="Times like 9:00am and 5:30pm.">
    {DAYS.map((label, day) => (
      <>
        <div class="row" role="group" aria-label={label} id={`schedule_${day}`}>
          <div class="check">
            <input
              type="checkbox"
              id={`schedule_${day}_enabled`}
              name={`schedule_${day}_enabled`}
              value="true"
              checked={days[day]?.enabled === true}
            />
            <label for={`schedule_${day}_enabled`}>{label}</label>
          </div>
          <Cell
            id={`schedule_${day}_from`}
            name={`schedule_${day}_from`}
            label="From"
            value={textOf(days[day]?.from)}
            errors={errors}
          />
          <Cell
            id={`schedule_${day}_to`}
            name={`schedule_${day}_to`}
            label="To"
            value={textOf(days[day]?.to)}
            errors={errors}
          />
        </div>
        <RowErrors ids={[`schedule_${day}`, `schedule_${day}_from`, `schedule_${day}_to`]} errors={errors} />
      </>
    ))}
  </Rows>
);

/** What a space's maker is asked for. */
export const CustomFieldRows: FC<{ items: readonly Item[]; errors: Errors }> = ({ items, errors }) => (
  <Rows name="custom_fields" errors={errors} hint="Asked for when a space is made. Saving brings more empty rows.">
    {withSpares(items).map((item, at) => (
      <>
        <div class="row" role="group" aria-label={`Custom field ${at + 1}`}>
          <Cell
            id={`custom_field_name_${at}`}
            name="custom_field_name"
            label="Name"
            value={textOf(item.name)}
            errors={errors}
          />
          <Cell
            id={`custom_field_description_${at}`}
            name="custom_field_description"
            label="Description"
            value={textOf(item.description)}
            errors={errors}
          />
        </div>
        <RowErrors ids={[`custom_field_name_${at}`, `custom_field_description_${at}`]} errors={errors} />
      </>
    ))}
  </Rows>
);

/** Ports that a space opens. */
export const PortRows: FC<{ items: readonly Item[]; errors: Errors }> = ({ items, errors }) => (
  <Rows name="ports" errors={errors} hint="Saving brings more empty rows.">
    {withSpares(items).map((item, at) => (
      <>
        <div class="row" role="group" aria-label={`Port ${at + 1}`}>
          <Cell id={`port_name_${at}`} name="port_name" label="Name" value={textOf(item.name)} errors={errors} />
          <Cell
            id={`port_number_${at}`}
            name="port_number"
            label="Port"
            value={String(numberOf(item.port))}
            inputmode="numeric"
            errors={errors}
          />
          <div>
            <label for={`port_protocol_${at}`}>Protocol</label>
            <select id={`port_protocol_${at}`} name="port_protocol">
              {PORT_PROTOCOLS.map((protocol) => (
                <option value={protocol} selected={protocol === item.protocol}>{protocol}</option>
              ))}
            </select>
          </div>
        </div>
        <RowErrors ids={[`port_name_${at}`, `port_number_${at}`, `port_protocol_${at}`]} errors={errors} />
      </>
    ))}
  </Rows>
);

const Rows: FC<{ name: string; hint: string; errors: Errors; children?: Child }> = (
  { name, hint, errors, children },
) => (
  <div class="field" id={name} role="group" aria-describedby={`${name}-hint`}>
    <div class="rows">{children}</div>
    <p class="hint" id={`${name}-hint`}>{hint}</p>
    {errors[name] === undefined ? null : <p class="error">{`${ROW_LABELS[name]} ${errors[name]}`}</p>}
  </div>
);

const Cell: FC<{ id: string; name: string; label: string; value: string; inputmode?: "numeric"; errors: Errors }> = (
  { id, name, label, value, inputmode, errors },
) => (
  <div>
    <label for={id}>{label}</label>
    <input
      id={id}
      name={name}
      value={value}
      autocomplete="off"
      inputmode={inputmode}
      aria-invalid={errors[id] === undefined ? undefined : "true"}
      aria-describedby={errors[id] === undefined ? undefined : `${id}-error`}
    />
  </div>
);

/** What is wrong in a row, below it: beside the cells it would push them out of line. */
const RowErrors: FC<{ ids: readonly string[]; errors: Errors }> = ({ ids, errors }) => (
  <>
    {ids.filter((id) => errors[id] !== undefined).map((id) => (
      <p class="error" id={`${id}-error`}>{`${ROW_LABELS[id]} ${errors[id]}`}</p>
    ))}
  </>
);

function withSpares(items: readonly Item[]): Item[] {
  return [...items, ...Array.from({ length: SPARE_ROWS }, () => ({}))];
}
