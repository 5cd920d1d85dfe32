/**
 * The pages: server-rendered, real forms that work without scripts, and small scripts for what is live. Pages only translate
 * between people and the services of accounts and templates; they decide nothing but how things look.
 */
export { type Ui, uiRoutes } from "./routes.tsx";
export { type UiConfig, type UiParts } from "./site.ts";
export { SESSION_COOKIE } from "./visitor.ts";
