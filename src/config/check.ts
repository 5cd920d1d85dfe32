import { resolve } from "node:path";
import { addressMode, isUnspecified, parseHostPort } from "./address.ts";
import { type ReadFile, reasonOf } from "./file_source.ts";
import { CLUSTER_KEY_LENGTH, type Key, type Values } from "./keys.ts";

/** What the checks between keys look at. */
export interface Checked {
  /** Values of the keys that are valid by themselves; defaults elsewhere, and of a list its valid entries. */
  readonly values: Values;
  /** Keys that have a problem of their own: nothing is concluded from them. */
  readonly invalid: ReadonlySet<Key>;
  /** The beginning of a message about a key: `knot.toml:5: server.cluster.key`, or just its name where it was given nowhere. */
  readonly name: (key: Key) => string;
  readonly cwd: string;
  readonly readFile: ReadFile;
}

/** Findings as whole lines. */
export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks what involves more than one key, or the files that keys name. */
export function checkTogether(checked: Checked): Findings {
  const findings = [checkTls(checked)];
  const { values, invalid } = checked;
  if (!invalid.has("server.cluster.advertise_addr")) {
    const clustered = values["server.cluster.advertise_addr"] !== "";
    findings.push(clustered ? checkCluster(checked) : checkClusterOff(checked));
  }
  return {
    problems: findings.flatMap(({ problems }) => problems),
    warnings: findings.flatMap(({ warnings }) => warnings),
  };
}

/** Someone who filled in the section but not the address believes to be in a cluster. */
function checkClusterOff({ values, name }: Checked): Findings {
  const set = (["server.cluster.key", "server.cluster.peers", "server.cluster.bind_addr"] as const)
    .filter((key) => values[key].length > 0);
  const warnings = set.map((key) =>
    `${name(key)} has no effect: cluster mode is off without server.cluster.advertise_addr`
  );
  return { problems: [], warnings };
}

function checkCluster(checked: Checked): Findings {
  const { values, invalid, name } = checked;
  const problems: string[] = [];
  const warnings: string[] = [];
  if (values["server.cluster.key"] === "" && !invalid.has("server.cluster.key")) {
    problems.push(
      `${name("server.cluster.key")} must be set in cluster mode: ${CLUSTER_KEY_LENGTH} letters and digits, ` +
        `the same on every server (run "knot genkey")`,
    );
  }
  problems.push(...foreignPeers(checked));
  const websocket = addressMode(values["server.cluster.advertise_addr"]) === "websocket";
  if (websocket) warnings.push(...websocketWarnings(checked));
  else problems.push(...portClash(checked));
  return { problems, warnings };
}

/** All servers of one cluster use one transport, chosen by the form of their addresses. */
function foreignPeers({ values, name }: Checked): string[] {
  const own = values["server.cluster.advertise_addr"];
  const forms = { websocket: "a URL (websocket)", host_port: "host:port (UDP and TCP)", off: "" };
  return values["server.cluster.peers"]
    .filter((peer) => addressMode(peer) !== addressMode(own))
    .map((peer) =>
      `${name("server.cluster.peers")} must all use the transport of server.cluster.advertise_addr: ` +
      `"${peer}" is ${forms[addressMode(peer)]}, "${own}" is ${forms[addressMode(own)]}`
    );
}

function websocketWarnings({ values, name }: Checked): string[] {
  const warnings: string[] = [];
  if (values["server.cluster.bind_addr"] !== "") {
    warnings.push(`${name("server.cluster.bind_addr")} has no effect: websockets come in at server.listen`);
  }
  if (values["server.cluster.tcp_only"]) {
    warnings.push(`${name("server.cluster.tcp_only")} has no effect: websockets never use UDP`);
  }
  for (const key of ["server.cluster.advertise_addr", "server.cluster.peers"] as const) {
    const open = [values[key]].flat().filter((address) => /^(ws|http):/i.test(address));
    for (const address of open) warnings.push(`${name(key)}: "${address}" is without TLS: use wss://`);
  }
  return warnings;
}

/** Pages and cluster both listen on TCP: one port on overlapping addresses would stop the second at start. */
function portClash({ values, invalid, name }: Checked): string[] {
  if (invalid.has("server.listen") || invalid.has("server.cluster.bind_addr")) return [];
  const listen = parseHostPort(values["server.listen"]);
  const bind = parseHostPort(values["server.cluster.bind_addr"]);
  const advertised = parseHostPort(values["server.cluster.advertise_addr"]);
  const cluster = bind ?? (advertised === undefined ? undefined : { host: "", port: advertised.port });
  if (listen === undefined || cluster === undefined || listen.port !== cluster.port) return [];
  if (!isUnspecified(listen.host) && !isUnspecified(cluster.host) && listen.host !== cluster.host) return [];
  const key = bind === undefined ? "server.cluster.advertise_addr" : "server.cluster.bind_addr";
  return [`${name(key)} has the port ${cluster.port} of server.listen: choose another, such as 3100`];
}

function checkTls(checked: Checked): Findings {
  const { values, name } = checked;
  const problems: string[] = [];
  const cert = values["server.tls.cert_file"];
  const key = values["server.tls.key_file"];
  if (cert !== "" && key === "") problems.push(`${name("server.tls.cert_file")} needs server.tls.key_file beside it`);
  if (key !== "" && cert === "") problems.push(`${name("server.tls.key_file")} needs server.tls.cert_file beside it`);
  problems.push(
    ...unusableFile(checked, "server.tls.cert_file", "CERTIFICATE"),
    ...unusableFile(checked, "server.tls.key_file", "PRIVATE KEY"),
    ...unusableFile(checked, "server.tls.ca_file", "CERTIFICATE"),
  );
  const warnings = values["tls.skip_verify"]
    ? [`${name("tls.skip_verify")}: certificates of other servers are not verified: anyone between can pose as one`]
    : [];
  return { problems, warnings };
}

function unusableFile(
  { values, invalid, name, cwd, readFile }: Checked,
  key: "server.tls.cert_file" | "server.tls.key_file" | "server.tls.ca_file",
  content: "CERTIFICATE" | "PRIVATE KEY",
): string[] {
  const path = values[key];
  if (path === "" || invalid.has(key)) return [];
  try {
    const pem = readFile(resolve(cwd, path));
    if (pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY")) {
      return [`${name(key)}: "${path}" is locked with a passphrase: store it without one, readable by this user only`];
    }
    // "EC PRIVATE KEY", "RSA PRIVATE KEY", "TRUSTED CERTIFICATE": what stands before the name does not matter here.
    const found = pem.includes("-----BEGIN ") && pem.includes(`${content}-----`);
    return found ? [] : [`${name(key)}: "${path}" holds no ${content} in PEM`];
  } catch (error) {
    return [`${name(key)}: cannot read "${path}": ${reasonOf(error)}`];
  }
}
