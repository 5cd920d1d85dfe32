import type { Child, FC } from "hono/jsx";

/** Errors by field, as the services name them. */
export type Errors = Readonly<Record<string, string>>;

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly errors: Errors;
}

/** Ids of what describes a control, for `aria-describedby`. */
function describedBy({ name, hint, errors }: FieldProps): string | undefined {
  const ids = [hint === undefined ? "" : `${name}-hint`, errors[name] === undefined ? "" : `${name}-error`].filter(
    Boolean,
  );
  return ids.length === 0 ? undefined : ids.join(" ");
}

const Notes: FC<FieldProps> = ({ name, label, hint, errors }) => (
  <>
    {hint === undefined ? null : <p class="hint" id={`${name}-hint`}>{hint}</p>}
    {errors[name] === undefined ? null : <p class="error" id={`${name}-error`}>{`${label} ${errors[name]}`}</p>}
  </>
);

/** One line of text, a number, an address or a password. A password's value is never sent back. */
export const TextField: FC<
  FieldProps & {
    value?: string | number;
    type?: "text" | "email" | "number" | "password" | "url";
    required?: boolean;
    autocomplete?: string;
    inputmode?: "numeric";
    readonly?: boolean;
    min?: number;
    max?: number;
    minlength?: number;
    maxlength?: number;
    autofocus?: boolean;
  }
> = (props) => {
  const { name, label, errors, value, type = "text", required = false, autofocus = false } = props;
  return (
    <div class="field">
      <label for={name}>
        {label}
        {required ? null : type === "number" ? null : <span class="quiet">&#32;(optional)</span>}
      </label>
      <input
        id={name}
        name={name}
        type={type}
        value={type === "password" || value === undefined ? undefined : String(value)}
        required={required}
        autocomplete={props.autocomplete ?? "off"}
        inputmode={props.inputmode}
        readonly={props.readonly ?? false}
        min={props.min}
        max={props.max}
        minlength={props.minlength}
        maxlength={props.maxlength}
        autofocus={autofocus}
        spellcheck={false}
        aria-invalid={errors[name] === undefined ? undefined : "true"}
        aria-describedby={describedBy(props)}
      />
      <Notes {...props} />
    </div>
  );
};

/** Several lines of text. The first line break after the tag is the parser's, not the value's (HTML §13.1.2.5). */
export const TextArea: FC<FieldProps & { value: string; rows?: number; code?: boolean; required?: boolean }> = (
  props,
) => {
  const { name, label, errors, value, rows = 3, code = false, required = false } = props;
  return (
    <div class="field">
      <label for={name}>
        {label}
        {required ? null : <span class="quiet">&#32;(optional)</span>}
      </label>
      <textarea
        id={name}
        name={name}
        rows={rows}
        required={required}
        class={code ? "code" : undefined}
        spellcheck={!code}
        aria-invalid={errors[name] === undefined ? undefined : "true"}
        aria-describedby={describedBy(props)}
      >
        {`\n${value}`}
      </textarea>
      <Notes {...props} />
    </div>
  );
};

/** One of a few. */
export const SelectField: FC<FieldProps & { value: string; options: ReadonlyArray<{ value: string; label: string }> }> =
  (
    props,
  ) => (
    <div class="field">
      <label for={props.name}>{props.label}</label>
      <select
        id={props.name}
        name={props.name}
        aria-invalid={props.errors[props.name] === undefined ? undefined : "true"}
        aria-describedby={describedBy(props)}
      >
        {props.options.map((option) => (
          <option value={option.value} selected={option.value === props.value}>{option.label}</option>
        ))}
      </select>
      <Notes {...props} />
    </div>
  );

/** Yes or no. */
export const CheckField: FC<FieldProps & { checked: boolean }> = (props) => (
  <div class="field">
    <div class="check">
      <input
        type="checkbox"
        id={props.name}
        name={props.name}
        value="true"
        checked={props.checked}
        aria-describedby={describedBy(props)}
      />
      <label for={props.name}>{props.label}</label>
    </div>
    <Notes {...props} />
  </div>
);

/** Any number out of many; each choice is sent as its own value of `name`. */
export const CheckGroup: FC<
  FieldProps & {
    choices: ReadonlyArray<{ value: string; label: string; hint?: string }>;
    chosen: readonly string[];
    /** Said where there is nothing to choose. */
    none?: string;
  }
> = (props) => (
  <fieldset id={props.name} aria-describedby={describedBy(props)}>
    <legend>{props.label}</legend>
    {props.choices.length === 0 ? <p class="quiet">{props.none ?? "None exist yet."}</p> : (
      <div class="choices">
        {props.choices.map((choice, at) => (
          <div class="check">
            <input
              type="checkbox"
              id={`${props.name}-${at}`}
              name={props.name}
              value={choice.value}
              checked={props.chosen.includes(choice.value)}
            />
            <label for={`${props.name}-${at}`}>
              {choice.label}
              {choice.hint === undefined ? null : <span class="hint">{choice.hint}</span>}
            </label>
          </div>
        ))}
      </div>
    )}
    <Notes {...props} />
  </fieldset>
);

/** A titled part of a long form. */
export const Section: FC<{ title: string; children?: Child }> = ({ title, children }) => (
  <fieldset class="section">
    <legend>{title}</legend>
    {children}
  </fieldset>
);

/** What went wrong, at the top, with links to the fields. `message` is for what no field is to blame for. */
export const ErrorSummary: FC<{ message?: string; errors: Errors; labels?: Readonly<Record<string, string>> }> = (
  { message, errors, labels = {} },
) => {
  const fields = Object.entries(errors);
  if (message === undefined && fields.length === 0) return null;
  return (
    <div class="notice bad" role="alert">
      <p>{message ?? "Nothing was saved. Please check:"}</p>
      {fields.length === 0 ? null : (
        <ul>
          {fields.map(([name, why]) => (
            <li>
              <a href={`#${name}`}>{`${labels[name] ?? labelOf(name)} ${why}`}</a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};

/** `ssh_public_key` → `Ssh public key`: for fields whose form gave no better name. */
function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
