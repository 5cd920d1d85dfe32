/**
 * Configuration: every key with its flag, environment variable, default and check, and the reading of all of them into
 * one frozen shape. Problems come as readable lines, all at once; what an existing `knot.toml` of the original has and
 * this server does not serve is a warning.
 */
export { type ClusterMode, clusterMode, type HostPort, parseHostPort } from "./address.ts";
export type { KnotConfig } from "./config.ts";
export { type Machine } from "./defaults.ts";
export { lookupPaths, type ReadFile } from "./file_source.ts";
export { definitionOf, type Key, KEY_NAMES, type KeyDefinition } from "./keys.ts";
export { CLUSTER_KEY_LENGTH } from "./keys.ts";
export { loadConfig, type Loaded, type Sources } from "./load.ts";
export { scaffold } from "./scaffold.ts";
export { closest } from "./suggestion.ts";
export { type Environment, type Flags } from "./text_sources.ts";
