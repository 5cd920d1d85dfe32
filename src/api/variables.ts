import type { Hono } from "hono";
import { Permission } from "../accounts/mod.ts";
import type { Variable } from "../templates/mod.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { resourceRoutes, type SharedByResources } from "./resource.ts";

/** Routes under `/api/templatevars`. */
export function variableRoutes(
  { templates: { variables } }: ApiParts,
  gate: Gate,
  shared: SharedByResources,
): Hono<SignedIn> {
  const manage = gate.permit(Permission.ManageVariables);
  return resourceRoutes<Variable>({
    what: "template variable",
    idName: "templatevar_id",
    ...shared,
    access: { list: manage, read: manage, create: manage, change: manage, delete: manage },
    list: (principal) => {
      // Values are read one by one: they can have megabytes.
      const all = variables.list(principal).map(variableBody).map(({ value: _value, ...rest }) => rest);
      return { count: all.length, variables: all };
    },
    idOf: (variable) => variable.templatevar_id,
    get: (principal, id) => variables.get(principal, id),
    body: variableBody,
    create: (principal, input, write) => variables.create(principal, input, write),
    update: (principal, id, input, options) => variables.update(principal, id, input, options),
    delete: (principal, id, write) => variables.delete(principal, id, write),
  });
}

function variableBody({ version: _version, ...variable }: Variable) {
  return variable;
}
