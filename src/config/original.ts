/**
 * Sections of the original server's configuration that stand for features this server does not have. Everything in them
 * is passed over with one warning, so that an existing `knot.toml` starts.
 */
const ORIGINAL_SECTIONS: ReadonlySet<string> = new Set([
  "agent",
  "backup",
  "chat",
  "client",
  "dns",
  "log.output",
  "mcp",
  "resolver",
  "restore",
  "scaffold",
  "server.agent",
  "server.backup",
  "server.badgerdb",
  "server.base_image",
  "server.chat",
  "server.dns",
  "server.docker",
  "server.local_container",
  "server.local_containers",
  "server.mcp",
  "server.memorydb",
  "server.mysql",
  "server.nomad",
  "server.origin",
  "server.podman",
  "server.redis",
  "server.registry",
  "server.resolver",
  "server.terminal",
  "server.tunnel",
  "server.ui",
  "ssh",
]);

/** Single keys of the original that are not served, with what to do instead where there is something. */
const ORIGINAL_KEYS: ReadonlyMap<string, string> = new Map([
  ["server.agent_endpoint", ""],
  ["server.agent_path", ""],
  ["server.agent_url", ""],
  ["server.audit_routing", ""],
  ["server.audit_stream", ""],
  ["server.cluster.allow_leaf_nodes", ""],
  ["server.core_server", 'list the other servers in "server.cluster.peers"'],
  ["server.disable_proxy", ""],
  ["server.disable_space_create", ""],
  ["server.download_path", ""],
  ["server.enable_leaf_api_tokens", ""],
  ["server.enable_proxy", ""],
  ["server.html_path", ""],
  ["server.is_core", ""],
  ["server.is_remote", ""],
  ["server.listen_agent", ""],
  ["server.listen_tunnel", ""],
  ["server.location", 'set "server.zone"'],
  ["server.mcp_tool_timeout", ""],
  ["server.mcp_tools_path", ""],
  ["server.nameserver", ""],
  ["server.origin_server", ""],
  ["server.package_path", ""],
  ["server.private_files_path", ""],
  ["server.public_files_path", ""],
  ["server.remote_token", ""],
  ["server.shared_token", 'set "server.cluster.key"'],
  ["server.skills_path", ""],
  ["server.template_path", ""],
  ["server.tls.agent_use_tls", ""],
  ["server.tls.use_tls", 'TLS is on where "server.tls.cert_file" is set'],
  ["server.tunnel_domain", ""],
  ["server.tunnel_server", ""],
  ["server.wildcard_domain", ""],
  ["shell", ""],
]);

/** True for a key or section of the original that this server passes over. */
export function isOriginal(key: string): boolean {
  return ORIGINAL_SECTIONS.has(key) || ORIGINAL_KEYS.has(key);
}

/** What to set instead of a passed-over key, as a clause; '' where there is nothing to set. */
export function insteadOf(key: string): string {
  return ORIGINAL_KEYS.get(key) ?? "";
}
