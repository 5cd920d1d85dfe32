/** REST routes, one file a resource. Handlers only translate between HTTP and the services of accounts and templates. */
export { accessOf } from "./gate.ts";
export type { ApiParts } from "./parts.ts";
export { type Api, apiRoutes } from "./routes.ts";
