/** Templates, template variables and zones: what may be said of them, who sees them, and where they apply. */
export type * from "./contract.ts";
export type * from "./outcome.ts";
export { zoneAllowed } from "./zones.ts";
export { createTemplates, type TemplatesParts } from "./templates.ts";
