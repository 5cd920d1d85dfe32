import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { Input } from "../form_body.ts";
import type { Complaint } from "../refusal.ts";
import type { Resource } from "../resource.ts";
import type { SignedIn, Site } from "../site.ts";
import { ErrorSummary } from "./fields.tsx";
import { page, PageTitle } from "./layout.tsx";

/** The form of a new record; `complaint` says what was wrong with the last attempt. */
export function createPage<Item>(
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
        <AllWell complaint={complaint} />
        <form method="post" class="card" enctype={enctypeOf(resource)}>
          {resource.form({ values, errors, item: undefined, principal })}
          <div class="actions">
            <button class="button primary" type="submit">{`Create ${resource.singular}`}</button>
            <CheckButton resource={resource} />
            <a class="button" href={resource.path}>Cancel</a>
          </div>
        </form>
      </>
    ),
  );
}

/** The form of an existing record. `base` is what its hidden field holds: the record as first read. */
export function editPage<Item>(
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
        <AllWell complaint={complaint} />
        <form method="post" class="card" action={`${address}/edit`} enctype={enctypeOf(resource)}>
          <input type="hidden" name="base" value={base} />
          {resource.form({ values, errors, item, principal })}
          <div class="actions">
            <button class="button primary" type="submit">Save</button>
            <CheckButton resource={resource} />
            <a class="button" href={resource.path}>Cancel</a>
            {keepReason === undefined ? <a class="button danger end" href={`${address}/delete`}>Delete…</a> : null}
          </div>
        </form>
        {resource.extras?.(item, principal) ?? null}
      </>
    ),
  );
}

/** Asks before a record is deleted. */
export function deletePage<Item>(
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

function CheckButton({ resource }: { resource: { check?: unknown } }): Child {
  if (resource.check === undefined) return null;
  return <button class="button" type="submit" name="intent" value="check">Check</button>;
}

function AllWell({ complaint }: { complaint: Complaint | undefined }): Child {
  if (complaint?.checked !== true || Object.keys(complaint.errors).length > 0) return null;
  return (
    <div class="notice good" role="status">
      <p>No problem found. Nothing is saved yet.</p>
    </div>
  );
}

function enctypeOf(resource: { multipart?: boolean }): "multipart/form-data" | undefined {
  return resource.multipart === true ? "multipart/form-data" : undefined;
}
