/** Ordered durable rows: Deno KV, and memory. */
export * from "./store.ts";
