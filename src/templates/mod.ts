/** Templates, template variables and zones: what may be said of them, who sees them, and where they apply. */
export type * from "./contract.ts";
export type * from "./outcome.ts";
export { type ValueSealer } from "./sealer.ts";
export { HEALTH_CHECKS, PLATFORMS, PORT_PROTOCOLS, UPTIME_UNITS } from "./template_input.ts";
export { createTemplates, type TemplatesParts } from "./templates.ts";
export { zoneAllowed } from "./zones.ts";
