import { type Context, Hono } from "hono";
import type { Refusal, Replicated } from "../accounts/mod.ts";
import { contested } from "./contested.ts";
import { setFlash } from "./flash.ts";
import { applyBase, encodeBase, type FormBody, type Input, readForm } from "./form_body.ts";
import { FORM_BYTES_MAX, LONG_FORM_BYTES_MAX } from "./form_bytes.ts";
import { notFoundPage } from "./pages/not_found.tsx";
import { createPage, deletePage, editPage } from "./parts/resource_pages.tsx";
import { type Complaint, complaintOf } from "./refusal.ts";
import type { Resource } from "./resource.ts";
import type { SignedIn, Site } from "./site.ts";
import { permit } from "./visitor.ts";

/** A page tells on how many servers a change is; people wait no longer than this for those that answer, in milliseconds. */
const SHOWN_COPIES = { copies: "all", waitMs: 300 } as const;

/** A form meets others that change the same record at the same moment so often; each time one of them was saved. */
const SAVE_TRIES_MAX = 20;

/** The pages of one resource: list, create, edit, delete. Every write ends in a redirect, or in the form with what is wrong. */
export function resourceRoutes<Item extends { readonly version: string }>(
  site: Site,
  resource: Resource<Item>,
): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  const bytesMax = resource.multipart === true ? LONG_FORM_BYTES_MAX : FORM_BYTES_MAX;
  if (resource.listIsForAll === true) routes.get("/", (c) => resource.listPage(c));
  routes.use("*", permit(site, resource.permission));
  routes.get("/", (c) => resource.listPage(c));
  routes.get("/create", (c) => createPage(c, site, resource, resource.blank()));
  routes.post("/create", async (c) => {
    const form = await readForm(c, { bytesMax });
    const input = resource.read(form, undefined);
    if (isCheck(form, resource)) return createPage(c, site, resource, input, checked(resource, input));
    const outcome = await resource.create(c.var.principal, input, SHOWN_COPIES);
    if (outcome.kind !== "created") {
      return createPage(c, site, resource, input, complaintAbout(resource, outcome));
    }
    setFlash(c, `Created ${resource.singular}${nameIn(input)}.`, { detail: copiesText(outcome) });
    return c.redirect(resource.path, 303);
  });
  routes.get("/:id/edit", (c) => {
    const item = resource.find(c.var.principal, c.req.param("id"));
    if (item === undefined) return notFoundPage(c, site, goneText(resource));
    const values = resource.inputOf(item);
    return editPage(c, site, resource, item, { values, base: encodeBase(values) });
  });
  /** Saves a form, if the record still is at the very version that was looked at; else looks again. */
  const save = async (c: Context<SignedIn>, form: FormBody, id: string, tries = 1): Promise<Response> => {
    const item = resource.find(c.var.principal, id);
    if (item === undefined) return notFoundPage(c, site, goneText(resource));
    const sent = resource.read(form, item);
    const encoded = form.text("base");
    const { input, base } = applyBase(sent, encoded);
    if (isCheck(form, resource)) {
      return editPage(c, site, resource, item, { values: sent, base: encoded, complaint: checked(resource, sent) });
    }
    const clash = contested({ sent, encoded, current: resource.inputOf(item) });
    if (clash !== undefined) return editPage(c, site, resource, item, { values: sent, ...clash });
    const outcome = await resource.update(c.var.principal, resource.idOf(item), input, {
      base,
      version: item.version,
      write: SHOWN_COPIES,
    });
    if (outcome.kind === "changed" && tries < SAVE_TRIES_MAX) return await save(c, form, id, tries + 1);
    if (outcome.kind !== "updated") {
      const complaint = complaintAbout(resource, outcome);
      return editPage(c, site, resource, item, {
        values: { ...resource.inputOf(item), ...sent },
        base: encoded,
        complaint,
      });
    }
    setFlash(c, `Saved ${resource.singular} “${nameAfter(sent, resource.nameOf(item))}”.`, {
      detail: copiesText(outcome),
    });
    return c.redirect(resource.path, 303);
  };
  routes.post("/:id/edit", async (c) => {
    const { id } = c.req.param();
    if (resource.find(c.var.principal, id) === undefined) return notFoundPage(c, site, goneText(resource));
    return await save(c, await readForm(c, { bytesMax }), id);
  });
  routes.get("/:id/delete", (c) => {
    const item = resource.find(c.var.principal, c.req.param("id"));
    return item === undefined ? notFoundPage(c, site, goneText(resource)) : deletePage(c, site, resource, item);
  });
  routes.post("/:id/delete", async (c) => {
    const item = resource.find(c.var.principal, c.req.param("id"));
    if (item === undefined) return notFoundPage(c, site, goneText(resource));
    const outcome = await resource.delete(c.var.principal, resource.idOf(item), SHOWN_COPIES);
    if (outcome.kind !== "deleted") return deletePage(c, site, resource, item, complaintOf(outcome, resource.singular));
    setFlash(c, `Deleted ${resource.singular} “${resource.nameOf(item)}”.`, { detail: copiesText(outcome) });
    return c.redirect(resource.path, 303);
  });
  return routes;
}

/** Nothing where this server is the only one. */
function copiesText({ copies, members }: Replicated): string {
  if (members <= 1) return "";
  if (copies >= members) return `On all ${members} servers.`;
  return `On ${copies} of ${members} servers so far; the others get it as soon as they can be reached.`;
}

/** What was refused, by the names that the form has for its fields. */
function complaintAbout<Item>(resource: Resource<Item>, refusal: Refusal): Complaint {
  const complaint = complaintOf(refusal, resource.singular);
  const errors = Object.entries(complaint.errors).map(([name, why]) => [resource.fieldOf?.(name) ?? name, why]);
  return { ...complaint, errors: Object.fromEntries(errors) };
}

function isCheck<Item>(form: FormBody, resource: Resource<Item>): boolean {
  return resource.check !== undefined && form.text("intent") === "check";
}

function checked<Item>(resource: Resource<Item>, input: Input): Complaint {
  const errors = resource.check?.(input) ?? {};
  const found = Object.keys(errors).length;
  return {
    status: 200,
    errors,
    message: found === 0 ? undefined : "Nothing is saved yet. Please look at:",
    checked: true,
  };
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
