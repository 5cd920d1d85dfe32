import type { Context } from "hono";
import { Permission, type Principal } from "../../accounts/mod.ts";
import type { SpecificationIssue, Template } from "../../templates/mod.ts";
import { renamePath, winnerPath } from "../conflicts.ts";
import { type Column, listing, listQuery } from "../listing.ts";
import { ConflictMark, ConflictNotice } from "../parts/conflict.tsx";
import type { Errors } from "../parts/fields.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import { Moment } from "../parts/moment.tsx";
import { State } from "../parts/state.tsx";
import { ListTable, Tags } from "../parts/table.tsx";
import { ZoneTags } from "../parts/zones.tsx";
import type { Resource } from "../resource.ts";
import type { SignedIn, Site } from "../site.ts";
import { cellOf } from "./template_rows.tsx";
import { blankTemplate, readTemplate, TEMPLATE_LABELS, TemplateForm, templateInput } from "./template_form.tsx";

/** Pages under `/templates`. Everybody sees the list of what they may use; the rest needs Manage Templates. */
export function templatesResource(site: Site): Resource<Template> {
  const { templates } = site.templates;
  return {
    path: "/templates",
    singular: "template",
    plural: "Templates",
    permission: Permission.ManageTemplates,
    labels: TEMPLATE_LABELS,
    fieldOf: cellOf,
    listIsForAll: true,
    multipart: true,
    listPage: (c) => listPage(c, site),
    idOf: (template) => template.template_id,
    nameOf: (template) => template.name,
    find: (principal, id) => templates.get(principal, id),
    blank: blankTemplate,
    inputOf: templateInput,
    read: readTemplate,
    form: (view) => <TemplateForm site={site} view={view} />,
    notice: (template) =>
      template.in_conflict
        ? <ConflictNotice thing="template" winnerPath={winnerPath(site, "template", template.name)} />
        : null,
    check: (input) => issuesByField(templates.validate(input)),
    create: (principal, input, write) => templates.create(principal, input, write),
    update: (principal, id, input, options) => templates.update(principal, id, input, options),
    delete: (principal, id, write) => templates.delete(principal, id, write),
  };
}

function issuesByField(issues: readonly SpecificationIssue[]): Errors {
  const byField: Record<string, string> = {};
  for (const { field, message, line } of issues) {
    const text = line > 0 ? `line ${line}: ${message}` : message;
    byField[field] = byField[field] === undefined ? text : `${byField[field]}; ${text}`;
  }
  return byField;
}

function columnsOf(site: Site, principal: Principal): Column<Template>[] {
  const groupNames = new Map(site.accounts.groups.list().map((group) => [group.group_id, group.name]));
  const groupsOf = (template: Template) => template.groups.map((id) => groupNames.get(id) ?? "deleted group");
  const mayEdit = principal.can(Permission.ManageTemplates);
  const nowMs = site.clock.wallMs();
  return [
    {
      key: "name",
      label: "Name",
      value: (template) => `${template.name} ${template.in_conflict ? "in conflict " : ""}${template.description}`,
      cell: (template) => (
        <>
          {mayEdit ? <a href={`/templates/${template.template_id}/edit`}>{template.name}</a> : template.name}
          <ConflictMark
            inConflict={template.in_conflict}
            renamePath={mayEdit ? renamePath(`/templates/${template.template_id}`) : undefined}
          />
          {template.description === "" ? null : <div class="small quiet">{template.description}</div>}
        </>
      ),
    },
    { key: "platform", label: "Platform", value: (template) => template.platform },
    {
      key: "state",
      label: "State",
      value: stateOf,
      cell: (template) => <State kind={template.active ? "good" : "off"} label={stateOf(template)} />,
    },
    {
      key: "zones",
      label: "Zones",
      value: (template) => template.zones.join(" "),
      cell: (template) => <ZoneTags zones={template.zones} />,
    },
    {
      key: "groups",
      label: "Groups",
      value: (template) => groupsOf(template).join(" "),
      cell: (template) => <Tags words={groupsOf(template)} none="everybody" />,
    },
    {
      key: "updated",
      label: "Changed",
      value: (template) => template.updated_at,
      cell: (template) => <Moment atMs={Date.parse(template.updated_at)} nowMs={nowMs} />,
    },
  ];
}

function stateOf(template: Template): string {
  return template.active ? "Active" : "Inactive";
}

function listPage(c: Context<SignedIn>, site: Site): Response | Promise<Response> {
  const { principal } = c.var;
  const columns = columnsOf(site, principal);
  const mayEdit = principal.can(Permission.ManageTemplates);
  const shown = listing(site.templates.templates.list(principal), columns, listQuery(new URL(c.req.url), columns));
  const head = { title: "Templates", active: "/templates", scripts: ["filter.js", "moments.js"] };
  return page(
    c,
    site,
    principal,
    head,
    (
      <>
        <PageTitle title="Templates">
          {mayEdit ? <a class="button primary" href="/templates/create">New template</a> : null}
        </PageTitle>
        <ListTable
          path="/templates"
          label="Templates"
          columns={columns}
          listing={shown}
          empty={
            <>
              <h2>No templates yet</h2>
              <p>
                {mayEdit
                  ? "A template says how a developer's space is made, by the tools that ask this server. A new one is on all servers at once."
                  : "Nobody has made a template for your groups and this zone."}
              </p>
            </>
          }
        />
      </>
    ),
  );
}
