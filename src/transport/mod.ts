/** Moves bytes between servers: UDP and TCP, websockets, memory. */
export * from "./transport.ts";
