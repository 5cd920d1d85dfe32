import type { Context } from "hono";
import { Permission } from "../../accounts/mod.ts";
import type { Variable } from "../../templates/mod.ts";
import type { FormBody, Input } from "../form_body.ts";
import { renamePath, winnerPath } from "../conflicts.ts";
import { type Column, listing, listQuery } from "../listing.ts";
import { ConflictMark, ConflictNotice } from "../parts/conflict.tsx";
import { CheckField, TextArea, TextField } from "../parts/fields.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import { Moment } from "../parts/moment.tsx";
import { ListTable, Tags } from "../parts/table.tsx";
import { ZonesField, ZoneTags } from "../parts/zones.tsx";
import type { FormView, Resource } from "../resource.ts";
import type { SignedIn, Site } from "../site.ts";
import { textOf, wordsOf } from "../values.ts";

/** Pages under `/variables`. */
export function variablesResource(site: Site): Resource<Variable> {
  const { variables } = site.templates;
  return {
    path: "/variables",
    singular: "variable",
    plural: "Variables",
    permission: Permission.ManageVariables,
    multipart: true,
    listPage: (c) => listPage(c, site),
    idOf: (variable) => variable.templatevar_id,
    nameOf: (variable) => variable.name,
    find: (principal, id) => variables.get(principal, id),
    blank: () => ({ name: "", value: "", zones: [], local: false, protected: false, restricted: false }),
    inputOf: (variable) => ({
      name: variable.name,
      value: variable.value,
      zones: variable.zones,
      local: variable.local,
      protected: variable.protected,
      restricted: variable.restricted,
    }),
    read: readVariable,
    form: (view) => <VariableForm view={view} />,
    notice: (variable) =>
      variable.in_conflict
        ? <ConflictNotice thing="variable" winnerPath={winnerPath(site, "template_variable", variable.name)} />
        : null,
    create: (principal, input, write) => variables.create(principal, input, write),
    update: (principal, id, input, options) => variables.update(principal, id, input, options),
    delete: (principal, id, write) => variables.delete(principal, id, write),
  };
}

function readVariable(form: FormBody): Input {
  return {
    name: form.line("name"),
    value: form.text("value"),
    zones: form.words("zones"),
    local: form.flag("local"),
    protected: form.flag("protected"),
    restricted: form.flag("restricted"),
  };
}

function VariableForm({ view: { values, errors, item } }: { view: FormView<Variable> }) {
  return (
    <>
      <TextField
        name="name"
        label="Name"
        value={textOf(values.name)}
        required
        maxlength={64}
        errors={errors}
        hint="2 to 64 letters, digits and underscores, beginning with a letter."
      />
      <TextArea
        name="value"
        label="Value"
        value={item?.protected === true ? "" : textOf(values.value)}
        rows={6}
        code
        errors={errors}
        hint={item?.protected === true ? "Protected: never shown. Leave empty to keep the present value." : undefined}
      />
      <ZonesField zones={wordsOf(values.zones)} errors={errors} />
      <CheckField
        name="protected"
        label="Protected"
        checked={values.protected === true}
        errors={errors}
        hint="Used, but never shown again, not even here."
      />
      <CheckField
        name="restricted"
        label="Restricted"
        checked={values.restricted === true}
        errors={errors}
        hint="A mark for the tools that use variables: in templates only, not in scripts. Nothing changes on this server."
      />
      <CheckField
        name="local"
        label="Local"
        checked={values.local === true}
        errors={errors}
        hint="A mark for the tools that use variables: for spaces of one server only. Nothing changes on this server."
      />
    </>
  );
}

function kindsOf(variable: Variable): string[] {
  return [
    variable.protected ? "protected" : "",
    variable.restricted ? "restricted" : "",
    variable.local ? "local" : "",
  ].filter((kind) => kind !== "");
}

function listPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const { principal } = c.var;
  const nowMs = site.clock.wallMs();
  const columns: Column<Variable>[] = [
    {
      key: "name",
      label: "Name",
      value: (variable) => `${variable.name}${variable.in_conflict ? " in conflict" : ""}`,
      cell: (variable) => (
        <>
          <a href={`/variables/${variable.templatevar_id}/edit`}>{variable.name}</a>
          <ConflictMark
            inConflict={variable.in_conflict}
            renamePath={renamePath(`/variables/${variable.templatevar_id}`)}
          />
        </>
      ),
    },
    {
      key: "zones",
      label: "Zones",
      value: (variable) => variable.zones.join(" "),
      cell: (variable) => <ZoneTags zones={variable.zones} />,
    },
    {
      key: "kind",
      label: "Kind",
      value: (variable) => kindsOf(variable).join(" "),
      cell: (variable) => <Tags words={kindsOf(variable)} />,
    },
    {
      key: "updated",
      label: "Changed",
      value: (variable) => variable.updated_at,
      cell: (variable) => <Moment atMs={Date.parse(variable.updated_at)} nowMs={nowMs} />,
    },
  ];
  const shown = listing(site.templates.variables.list(principal), columns, listQuery(new URL(c.req.url), columns));
  const head = { title: "Variables", active: "/variables", scripts: ["filter.js", "moments.js"] };
  return page(
    c,
    site,
    principal,
    head,
    (
      <>
        <PageTitle title="Variables">
          <a class="button primary" href="/variables/create">New variable</a>
        </PageTitle>
        <ListTable
          path="/variables"
          label="Variables"
          columns={columns}
          listing={shown}
          empty={
            <>
              <h2>No variables yet</h2>
              <p>Templates use variables for what differs between zones, or is secret.</p>
            </>
          }
        />
      </>
    ),
  );
}
