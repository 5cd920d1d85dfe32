/**
 * Moves bytes between servers: UDP and TCP, websockets, memory. Knows addresses and sockets, their limits and their
 * faults, but never what the bytes say; everything a peer sends is handed on unread and unproved.
 */
export * from "./transport.ts";
export { looksLikeHttp, looksLikeTls } from "./foreign.ts";
export { type HostPortOptions, hostPortTransport } from "./host_port.ts";
export { type Resolver, type ServiceRecord, systemResolver } from "./resolver.ts";
export { type Admission, noWebsocketClusterAnswer } from "./admission.ts";
export { type WebsocketOptions, type WebsocketTransport, websocketTransport } from "./websocket.ts";
export { type Fate, type FateHook, MemoryNetwork, type Traffic } from "./memory.ts";
