import { Hono } from "hono";
import { Permission } from "../accounts/mod.ts";
import type { Template } from "../templates/mod.ts";
import { answer, tellCopies } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import { readBody, readText } from "./body.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { refusalError } from "./refusal_error.ts";
import { resourceRoutes, type SharedByResources } from "./resource.ts";
import { writeOptions } from "./write_options.ts";

/** Routes under `/api/templates`: everybody reads what they may use. */
export function templateRoutes(parts: ApiParts, gate: Gate, shared: SharedByResources): Hono<SignedIn> {
  const { templates } = parts.templates;
  const read = gate.signedIn();
  const manage = gate.permit(Permission.ManageTemplates);
  const routes = new Hono<SignedIn>();

  routes.post("/validate", manage, async (c) => {
    const errors = templates.validate(await readBody(c));
    return answer(c, { valid: errors.length === 0, errors });
  });
  routes.post("/import", manage, async (c) => {
    const write = writeOptions(c);
    const outcome = await templates.import(c.var.principal, await readText(c), write);
    if (outcome.kind !== "created" && outcome.kind !== "updated") throw refusalError(outcome, "template");
    tellCopies(c, outcome);
    return answer(c, { status: true, template_id: outcome.id }, outcome.kind === "created" ? 201 : 200);
  });
  routes.get("/:id/export", manage, (c) => {
    const yaml = templates.export(c.var.principal, c.req.param("id"));
    if (yaml === undefined) throw new ApiError(404, "No template has this id or name");
    // The original's client takes the text as a JSON or MessagePack string; a browser or curl rather as it is.
    if (!/\byaml\b/i.test(c.req.header("Accept") ?? "")) return answer(c, yaml);
    return c.body(yaml, 200, { "Content-Type": "application/yaml" });
  });

  return routes.route(
    "/",
    resourceRoutes<Template>({
      what: "template",
      idName: "template_id",
      ...shared,
      access: { list: read, read, create: manage, change: manage, delete: manage },
      list: (principal) => {
        const all = templates.list(principal).map(listBody);
        return { count: all.length, templates: all };
      },
      idOf: (template) => template.template_id,
      get: (principal, id) => templates.get(principal, id),
      body: templateBody,
      create: (principal, input, write) => templates.create(principal, input, write),
      update: (principal, id, input, options) => templates.update(principal, id, input, options),
      delete: (principal, id, write) => templates.delete(principal, id, write),
    }),
  );
}

function templateBody({ version: _version, ...template }: Template) {
  return template;
}

/** The long texts are read one by one: a hundred jobs of megabytes are no list. */
function listBody(template: Template) {
  const { job: _job, volumes: _volumes, health_check_config: _config, ...rest } = templateBody(template);
  return rest;
}
