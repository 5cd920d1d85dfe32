import { lookup } from "node:dns/promises";
import { formatHostPort, type HostPort, ipFamily } from "./address.ts";

/** One socket address to try: an address literal, never a name. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** One SRV record (RFC 2782). */
export interface ServiceRecord {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** Names to addresses. Rejects when a name is unknown or no name server answers. */
export interface Resolver {
  /** All IPv4 and IPv6 addresses of a host, in the system's order of preference. */
  addresses(host: string): Promise<string[]>;
  services(name: string): Promise<ServiceRecord[]>;
}

/** Most addresses of one name that are tried: more would not get their turn before a dial times out. */
const TARGETS_MAX = 8;

/** The machine's own resolver: its hosts file and name servers. */
export const systemResolver: Resolver = {
  addresses: async (host) => (await lookup(host, { all: true })).map((entry) => entry.address),
  services: (name) => Deno.resolveDns(name, "SRV"),
};

/**
 * What to try for an address, best first, at most {@link TARGETS_MAX}; families take turns (RFC 8305 §4), so that a
 * dead IPv6 path costs one step and not all of them.
 *
 * @throws when the name has no address; the message says so in words that end a sentence
 */
export async function resolveTargets(address: HostPort, resolver: Resolver): Promise<Target[]> {
  if (address.kind === "host") return await resolveHost(address.host, address.port, resolver);
  const records = await namedFailure(address.name, () => resolver.services(address.name));
  const sorted = records.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight).slice(0, TARGETS_MAX);
  const resolved = await Promise.allSettled(
    sorted.map((record) => resolveHost(record.target.replace(/\.$/, ""), record.port, resolver)),
  );
  const targets = resolved.flatMap((outcome) => outcome.status === "fulfilled" ? outcome.value : []);
  if (targets.length === 0) throw new Error(`no SRV record of "${address.name}" leads to an address`);
  return uniqueTargets(targets).slice(0, TARGETS_MAX);
}

async function resolveHost(host: string, port: number, resolver: Resolver): Promise<Target[]> {
  if (ipFamily(host) !== 0) return [{ host, port }];
  const addresses = await namedFailure(host, () => resolver.addresses(host));
  if (addresses.length === 0) throw new Error(`the name "${host}" has no address`);
  const targets = uniqueTargets(addresses.map((address) => ({ host: address, port })));
  return alternateFamilies(targets).slice(0, TARGETS_MAX);
}

async function namedFailure<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new Error(`the name "${name}" cannot be resolved`, { cause });
  }
}

function alternateFamilies(targets: readonly Target[]): Target[] {
  const first = targets.filter((target) => ipFamily(target.host) === ipFamily(targets[0].host));
  const second = targets.filter((target) => !first.includes(target));
  const result: Target[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    result.push(...first.slice(i, i + 1), ...second.slice(i, i + 1));
  }
  return result;
}

function uniqueTargets(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [formatHostPort(target.host, target.port), target])).values()];
}
