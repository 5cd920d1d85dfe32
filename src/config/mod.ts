/** Configuration: schema, sources, defaults. */
export type * from "./config.ts";
