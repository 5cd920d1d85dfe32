import type { FC } from "hono/jsx";
import { SHELLS, type User } from "../../accounts/mod.ts";
import type { FormBody, Input } from "../form_body.ts";
import { CheckField, CheckGroup, Section, SelectField, TextArea, TextField } from "../parts/fields.tsx";
import type { FormView } from "../resource.ts";
import type { Site } from "../site.ts";
import { numberOf, textOf, wordsOf } from "../values.ts";

/** Names of the four limits. */
export const LIMIT_LABELS = {
  max_spaces: "Spaces",
  compute_units: "Compute units",
  storage_units: "Storage units",
  max_tunnels: "Tunnels",
} as const;

/** Names of a user's fields as people know them: in the form and in its summary of errors alike. */
export const USER_LABELS = {
  username: "Username",
  email: "Email",
  password: "Password",
  active: "Active: may sign in",
  roles: "Roles",
  groups: "Groups",
  preferred_shell: "Shell",
  timezone: "Time zone",
  github_username: "GitHub username",
  ssh_public_key: "SSH public keys",
  ...LIMIT_LABELS,
} as const;

const SHELL_OPTIONS = SHELLS.map((shell) => ({ value: shell, label: shell }));

/** A new user's form. */
export function blankUser(): Input {
  return {
    username: "",
    email: "",
    roles: [],
    groups: [],
    active: true,
    max_spaces: 0,
    compute_units: 0,
    storage_units: 0,
    max_tunnels: 0,
    ssh_public_key: "",
    github_username: "",
    preferred_shell: "bash",
    timezone: "",
  };
}

/** A user in the shape of the service's input. */
export function userInput(user: User): Input {
  return Object.fromEntries(Object.keys(blankUser()).map((name) => [name, user[name as keyof User]]));
}

/** A sent form in the shape of the service's input. The username of a user who is in no conflict is not in the form. */
export function readUser(form: FormBody, user: User | undefined): Input {
  const password = form.text("password");
  return {
    ...(user === undefined || user.in_conflict ? { username: form.line("username") } : {}),
    ...(user === undefined || password !== "" ? { password } : {}),
    email: form.line("email"),
    roles: form.list("roles"),
    groups: form.list("groups"),
    // One cannot deactivate oneself; a form that does not offer it must not do it either.
    ...(form.flag("active_offered") ? { active: form.flag("active") } : {}),
    max_spaces: form.number("max_spaces"),
    compute_units: form.number("compute_units"),
    storage_units: form.number("storage_units"),
    max_tunnels: form.number("max_tunnels"),
    ...readPreferences(form),
  };
}

/** The fields that users change themselves. */
export function readPreferences(form: FormBody): Input {
  return {
    ssh_public_key: form.text("ssh_public_key"),
    github_username: form.line("github_username"),
    preferred_shell: form.line("preferred_shell"),
    timezone: form.line("timezone"),
  };
}

/** The form of one user. */
export const UserForm: FC<{ site: Site; view: FormView<User> }> = ({ site, view }) => {
  const { values, errors, item, principal } = view;
  const self = item?.user_id === principal.userId;
  const roles = choicesOf(
    site.accounts.roles.list().map((role) => ({ value: role.role_id, label: choiceName(role) })),
    values.roles,
  );
  const groups = choicesOf(
    site.accounts.groups.list().map((group) => ({ value: group.group_id, label: choiceName(group) })),
    values.groups,
  );
  return (
    <>
      {item !== undefined && !item.in_conflict ? null : (
        <TextField
          name="username"
          label={USER_LABELS.username}
          value={textOf(values.username)}
          required
          errors={errors}
          hint={`2 to 64 letters, digits, dots and hyphens, beginning with a letter.${
            item === undefined ? " It cannot be changed later." : ""
          }`}
        />
      )}
      <TextField
        name="email"
        label={USER_LABELS.email}
        type="email"
        value={textOf(values.email)}
        required
        errors={errors}
      />
      {self
        ? (
          <p class="hint">
            Your own password is changed on <a href="/account">My account</a>.
          </p>
        )
        : (
          <>
            <TextField
              name="password"
              label={USER_LABELS.password}
              type="password"
              autocomplete="new-password"
              required={item === undefined}
              minlength={8}
              errors={errors}
              hint={item === undefined
                ? "8 characters or more."
                : "8 characters or more. Leave empty to keep the present one."}
            />
            <input type="hidden" name="active_offered" value="true" />
            <CheckField name="active" label={USER_LABELS.active} checked={values.active === true} errors={errors} />
          </>
        )}
      <CheckGroup
        name="roles"
        label={USER_LABELS.roles}
        choices={roles}
        chosen={wordsOf(values.roles)}
        errors={errors}
      />
      <CheckGroup
        name="groups"
        label={USER_LABELS.groups}
        choices={groups}
        chosen={wordsOf(values.groups)}
        errors={errors}
        none="There are no groups yet."
      />
      <Preferences values={values} errors={errors} />
      <Section title="Limits">
        <p class="hint">
          For the tools that make spaces: this server keeps the limits and runs no spaces. 0 is unlimited. The limits of
          the user's groups are added.
        </p>
        <Limits values={values} errors={errors} />
      </Section>
    </>
  );
};

/** What users set for themselves, too. */
export const Preferences: FC<{ values: Input; errors: FormView<User>["errors"] }> = ({ values, errors }) => (
  <Section title="Preferences">
    <div class="pair">
      <SelectField
        name="preferred_shell"
        label={USER_LABELS.preferred_shell}
        value={textOf(values.preferred_shell)}
        options={SHELL_OPTIONS}
        errors={errors}
      />
      <TextField
        name="timezone"
        label={USER_LABELS.timezone}
        value={textOf(values.timezone)}
        errors={errors}
        hint="An IANA name: Europe/London. Empty for the server's when the user is made, and for no change later."
      />
      <TextField
        name="github_username"
        label={USER_LABELS.github_username}
        value={textOf(values.github_username)}
        errors={errors}
      />
    </div>
    <TextArea
      name="ssh_public_key"
      label={USER_LABELS.ssh_public_key}
      value={textOf(values.ssh_public_key)}
      code
      errors={errors}
      hint="One key a line."
    />
  </Section>
);

/** The four limits that users and groups have. */
export const Limits: FC<{ values: Input; errors: FormView<User>["errors"] }> = ({ values, errors }) => (
  <div class="pair">
    <LimitField name="max_spaces" max={10_000} values={values} errors={errors} />
    <LimitField name="compute_units" values={values} errors={errors} />
    <LimitField name="storage_units" values={values} errors={errors} />
    <LimitField name="max_tunnels" values={values} errors={errors} />
  </div>
);

const LimitField: FC<
  { name: keyof typeof LIMIT_LABELS; max?: number; values: Input; errors: FormView<User>["errors"] }
> = (
  { name, max, values, errors },
) => (
  <TextField
    name={name}
    label={LIMIT_LABELS[name]}
    type="number"
    inputmode="numeric"
    min={0}
    max={max}
    value={numberOf(values[name])}
    errors={errors}
  />
);

/** Two of one name, since a partition, are told apart. */
export function choiceName({ name, in_conflict }: { readonly name: string; readonly in_conflict: boolean }): string {
  return in_conflict ? `${name} (in conflict)` : name;
}

/** Offers what exists, and what the record has although it no longer exists, so that it can be taken away. */
export function choicesOf(
  existing: Array<{ value: string; label: string }>,
  chosen: unknown,
): Array<{ value: string; label: string }> {
  const gone = wordsOf(chosen).filter((id) => !existing.some((choice) => choice.value === id));
  return [...existing, ...gone.map((id) => ({ value: id, label: `Deleted (${id})` }))];
}
