import { type Context, Hono } from "hono";
import type { Child } from "hono/jsx";
import type { CreateOutcome, DeleteOutcome, PermissionNumber, Principal, UpdateOutcome } from "../accounts/mod.ts";
import { setFlash } from "./flash.ts";
import { applyBase, encodeBase, type FormBody, type Input, readForm } from "./form_body.ts";
import { notFoundPage } from "./pages/not_found.tsx";
import { type Errors, ErrorSummary } from "./parts/fields.tsx";
import { page, PageTitle } from "./parts/layout.tsx";
import { type Complaint, complaintOf } from "./refusal.ts";
import type { SignedIn, Site } from "./site.ts";
import { permit } from "./visitor.ts";

/** What a form shows: values as the service takes them, what is wrong with them, and the record that is edited. */
export interface FormView<Item> {
  readonly values: Input;
  readonly errors: Errors;
  /** Absent while creating. */
  readonly item: Item | undefined;
  readonly principal: Principal;
}

/** A kind of record that people list, create, edit and delete. Each has its own file in `pages/`. */
export interface Resource<Item> {
  /** Where its pages lie: "/users". */
  readonly path: string;
  /** In words: "user", "Users". */
  readonly singular: string;
  readonly plural: string;
  readonly permission: PermissionNumber;
  /** Who may read the list; those with `permission` where absent. */
  readonly listIsForAll?: boolean;
  /** Long texts travel better unescaped. */
  readonly multipart?: boolean;
  /** Better words for the fields, in the summary of errors. */
  readonly labels?: Readonly<Record<string, string>>;
  listPage(c: Context<SignedIn>): Response | Promise<Response>;
  idOf(item: Item): string;
  nameOf(item: Item): string;
  find(principal: Principal, id: string): Item | undefined;
  /** The values of a new record's form. */
  blank(): Input;
  /** A record in the shape of its service's input. */
  inputOf(item: Item): Input;
  /** A sent form in the shape of the service's input. */
  read(form: FormBody, item: Item | undefined): Input;
  form(view: FormView<Item>): Child;
  /** What stands between the heading and the form, for warnings about this record. */
  notice?(item: Item): Child;
  /** Further actions below the form. */
  extras?(item: Item, principal: Principal): Child;
  /** Why the record cannot be deleted by this visitor at all; undefined where it can. */
  keepReason?(item: Item, principal: Principal): string | undefined;
  create(principal: Principal, input: Input): Promise<CreateOutcome>;
  update(principal: Principal, id: string, input: Input, base: Input): Promise<UpdateOutcome>;
  delete(principal: Principal, id: string): Promise<DeleteOutcome>;
}

/** The pages of one resource: list, create, edit, delete. Every write ends in a redirect, or in the form with what is wrong. */
export function resourceRoutes<Item>(site: Site, resource: Resource<Item>): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  if (resource.listIsForAll === true) routes.get("/", (c) => resource.listPage(c));
  routes.use("*", permit(site, resource.permission));
  routes.get("/", (c) => resource.listPage(c));
  routes.get("/create", (c) => createPage(c, site, resource, resource.blank()));
  routes.post("/create", async (c) => {
    const input = resource.read(await readForm(c), undefined);
    const outcome = await resource.create(c.var.principal, input);
    if (outcome.kind !== "created") {
      return createPage(c, site, resource, input, complaintOf(outcome, resource.singular));
    }
    setFlash(c, `Created ${resource.singular}${nameIn(input)}.`);
    return c.redirect(resource.path, 303);
  });
  routes.get("/:id/edit", (c) => {
    const item = resource.find(c.var.principal, c.req.param("id"));
    if (item === undefined) return notFoundPage(c, site, goneText(resource));
    const values = resource.inputOf(item);
    return editPage(c, site, resource, item, { values, base: encodeBase(values) });
  });
  routes.post("/:id/edit", async (c) => {
    const item = resource.find(c.var.principal, c.req.param("id"));
    if (item === undefined) return notFoundPage(c, site, goneText(resource));
    const form = await readForm(c);
    const sent = resource.read(form, item);
    const encoded = form.text("base");
    const { input, base } = applyBase(sent, encoded);
    const outcome = await resource.update(c.var.principal, resource.idOf(item), input, base);
    if (outcome.kind !== "updated") {
      const complaint = complaintOf(outcome, resource.singular);
      return editPage(c, site, resource, item, {
        values: { ...resource.inputOf(item), ...sent },
        base: encoded,
        complaint,
      });
    }
    setFlash(c, `Saved ${resource.singular} “${nameAfter(sent, resource.nameOf(item))}”.`);
    return c.redirect(resource.path, 303);
  });
  routes.get("/:id/delete", (c) => {
    const item = resource.find(c.var.principal, c.req.param("id"));
    return item === undefined ? notFoundPage(c, site, goneText(resource)) : deletePage(c, site, resource, item);
  });
  routes.post("/:id/delete", async (c) => {
    const item = resource.find(c.var.principal, c.req.param("id"));
    if (item === undefined) return notFoundPage(c, site, goneText(resource));
    const outcome = await resource.delete(c.var.principal, resource.idOf(item));
    if (outcome.kind !== "deleted") return deletePage(c, site, resource, item, complaintOf(outcome, resource.singular));
    setFlash(c, `Deleted ${resource.singular} “${resource.nameOf(item)}”.`);
    return c.redirect(resource.path, 303);
  });
  return routes;
}

function createPage<Item>(
  c: Context<SignedIn>,
  site: Site,
  resource: Resource<Item>,
  values: Input,
  complaint?: Complaint,
): Response | Promise<Response> {
  const { principal } = c.var;
  const title = `New ${resource.singular}`;
  const errors = complaint?.errors ?? {};
  return page(
    c,
    site,
    principal,
    { title, active: resource.path, status: complaint?.status },
    (
      <>
        <PageTitle title={title} up={{ label: resource.plural, path: resource.path }} />
        <ErrorSummary message={complaint?.message} errors={errors} labels={resource.labels} />
        <form method="post" class="card" enctype={enctypeOf(resource)}>
          {resource.form({ values, errors, item: undefined, principal })}
          <div class="actions">
            <button class="button primary" type="submit">{`Create ${resource.singular}`}</button>
            <a class="button" href={resource.path}>Cancel</a>
          </div>
        </form>
      </>
    ),
  );
}

function editPage<Item>(
  c: Context<SignedIn>,
  site: Site,
  resource: Resource<Item>,
  item: Item,
  { values, base, complaint }: { values: Input; base: string; complaint?: Complaint },
): Response | Promise<Response> {
  const { principal } = c.var;
  const name = resource.nameOf(item);
  const address = `${resource.path}/${encodeURIComponent(resource.idOf(item))}`;
  const errors = complaint?.errors ?? {};
  const keepReason = resource.keepReason?.(item, principal);
  return page(
    c,
    site,
    principal,
    { title: `Edit ${name}`, active: resource.path, status: complaint?.status },
    (
      <>
        <PageTitle title={name} up={{ label: resource.plural, path: resource.path }} />
        {resource.notice?.(item) ?? null}
        <ErrorSummary message={complaint?.message} errors={errors} labels={resource.labels} />
        <form method="post" class="card" action={`${address}/edit`} enctype={enctypeOf(resource)}>
          <input type="hidden" name="base" value={base} />
          {resource.form({ values, errors, item, principal })}
          <div class="actions">
            <button class="button primary" type="submit">Save</button>
            <a class="button" href={resource.path}>Cancel</a>
            {keepReason === undefined ? <a class="button danger end" href={`${address}/delete`}>Delete…</a> : null}
          </div>
        </form>
        {resource.extras?.(item, principal) ?? null}
      </>
    ),
  );
}

function deletePage<Item>(
  c: Context<SignedIn>,
  site: Site,
  resource: Resource<Item>,
  item: Item,
  complaint?: Complaint,
): Response | Promise<Response> {
  const { principal } = c.var;
  const name = resource.nameOf(item);
  const title = `Delete ${resource.singular} “${name}”?`;
  const keepReason = resource.keepReason?.(item, principal);
  return page(
    c,
    site,
    principal,
    { title, active: resource.path, status: complaint?.status },
    (
      <>
        <PageTitle title={title} up={{ label: resource.plural, path: resource.path }} />
        <ErrorSummary message={complaint?.message} errors={complaint?.errors ?? {}} />
        <form method="post" class="card">
          <p>{keepReason ?? `It will be gone on every server. Deleting is final: it cannot be undone.`}</p>
          <div class="actions">
            {keepReason === undefined
              ? <button class="button danger" type="submit">{`Delete ${resource.singular}`}</button>
              : null}
            <a class="button" href={resource.path}>Keep it</a>
          </div>
        </form>
      </>
    ),
  );
}

function enctypeOf(resource: { multipart?: boolean }): "multipart/form-data" | undefined {
  return resource.multipart === true ? "multipart/form-data" : undefined;
}

function goneText(resource: { singular: string }): string {
  return `There is no such ${resource.singular}. It may have been deleted.`;
}

function nameIn(input: Input): string {
  const name = nameAfter(input, "");
  return name === "" ? "" : ` “${name}”`;
}

function nameAfter(input: Input, otherwise: string): string {
  const name = input.username ?? input.name;
  return typeof name === "string" && name !== "" ? name : otherwise;
}
