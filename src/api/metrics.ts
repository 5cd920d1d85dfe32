import { Hono, type MiddlewareHandler } from "hono";
import { Counter, Gauge, Registry } from "prom-client";
import { Permission } from "../accounts/mod.ts";
import { isGone, type MemberStatus } from "../node/mod.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";

/** Methods that are counted by name; strangers may invent others, each of which would be a series for ever. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const STATES = ["alive", "suspect", "dead", "leaving"] as const;
const PATHS = ["packets", "streams_blocked", "stream", "relayed"] as const;
const KINDS = ["user", "role", "group", "template", "template_variable", "session", "api_token"] as const;
const MEMBER_LABELS = ["node", "zone", "address"] as const;

/** What this server tells of itself to Prometheus. */
export interface Metrics {
  readonly registry: Registry;
  /** Counts every request that passes, whoever answers it. */
  readonly count: MiddlewareHandler;
}

/** Builds the metrics of one server. Gauges are read at each scrape; only requests are counted as they come. */
export function createMetrics(parts: ApiParts): Metrics {
  const registry = new Registry();
  const requests = new Counter({
    name: "knot_http_requests_total",
    help: "Requests answered, by method and status.",
    labelNames: ["method", "status"],
    registers: [registry],
  });
  addProcessGauges(registry, parts);
  addStoreGauges(registry, parts);
  addRecordGauges(registry, parts);
  addMemberGauges(registry, parts);
  return {
    registry,
    count: async (c, next) => {
      await next();
      requests.inc({ method: METHODS.includes(c.req.method) ? c.req.method : "other", status: c.res.status });
    },
  };
}

/** `GET /metrics`, in the text format of Prometheus 0.0.4. */
export function metricsRoutes({ registry }: Metrics, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.get("/", gate.permit(Permission.ViewClusterInfo), async (c) => {
    return c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType });
  });
  return routes;
}

function addProcessGauges(registry: Registry, { node, version, zone, clock }: ApiParts): void {
  const registers = [registry];
  const startedMs = clock.monotonicMs();
  new Gauge({
    name: "knot_build_info",
    help: "Always 1; the labels say what runs.",
    labelNames: ["version", "zone", "node"],
    registers,
  }).set({ version, zone, node: node.status().nodeId }, 1);
  new Gauge({
    name: "knot_uptime_seconds",
    help: "Since this process began to serve.",
    registers,
    collect() {
      this.set((clock.monotonicMs() - startedMs) / 1000);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Gauge({
    name: "knot_ready",
    help: "1 when this server has data and serves; see knot_store_writable for its disk.",
    registers,
    collect() {
      this.set(node.status().readiness.kind === "ready" ? 1 : 0);
    },
  });
}

function addStoreGauges(registry: Registry, { node }: ApiParts): void {
  new Gauge({
    name: "knot_store_writable",
    help: "0 while the disk refuses writes: reads go on.",
    registers: [registry],
    collect() {
      this.set(node.status().store.kind === "writable" ? 1 : 0);
    },
  });
  new Gauge({
    name: "knot_store_damaged_rows",
    help: "Rows of the database that could not be read at the start, and were set aside.",
    registers: [registry],
    collect() {
      this.set(node.status().damagedRows);
    },
  });
}

function addRecordGauges(registry: Registry, { node }: ApiParts): void {
  new Gauge({
    name: "knot_records",
    help: "Existing records on this server, by kind.",
    labelNames: ["kind"],
    registers: [registry],
    collect() {
      for (const kind of KINDS) this.set({ kind }, node.count(kind));
    },
  });
  new Gauge({
    name: "knot_records_held",
    help: "Records on this server, tombstones included.",
    registers: [registry],
    collect() {
      this.set(node.status().recordCount);
    },
  });
  new Gauge({
    name: "knot_records_quarantined",
    help: "Records of which a version waits, since another server's clock was ahead when it wrote it.",
    registers: [registry],
    collect() {
      this.set(node.status().quarantinedCount);
    },
  });
}

function addMemberGauges(registry: Registry, { node }: ApiParts): void {
  new Gauge({
    name: "knot_members",
    help: "Servers of the cluster as this one sees them, itself included, by state.",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const { members } = node.status();
      for (const state of STATES) this.set({ state }, members.filter((member) => member.state === state).length);
    },
  });
  new Gauge({
    name: "knot_members_by_path",
    help:
      "Other live servers by how this one reaches them: by datagrams, only by those, only over a stream, through others.",
    labelNames: ["path"],
    registers: [registry],
    collect() {
      const paths = node.status().members.filter((member) => !member.self && !isGone(member)).map(pathOf);
      for (const path of PATHS) this.set({ path }, paths.filter((other) => other === path).length);
    },
  });
  /** One series for each other server of which the value is known. */
  const add = (name: string, help: string, read: (member: MemberStatus) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: MEMBER_LABELS,
      registers: [registry],
      collect() {
        this.reset(); // Who has been forgotten is not told of any more.
        for (const member of node.status().members) {
          const value = member.self ? undefined : read(member);
          const { zone = "", address = "" } = member.facts ?? {};
          if (value !== undefined) this.set({ node: member.id, zone, address }, value);
        }
      },
    });
  add("knot_member_up", "1 while the server is alive or suspected.", (member) => isGone(member) ? 0 : 1);
  add("knot_member_round_trip_seconds", "Smoothed round trip.", ({ roundTripMs }) => inSeconds(roundTripMs));
  add(
    "knot_member_last_contact_timestamp_seconds",
    "Wall clock of the last message.",
    ({ lastContactMs }) => inSeconds(lastContactMs),
  );
  add(
    "knot_member_in_sync",
    "1 when it holds what this server holds.",
    ({ inSync }) => inSync === undefined ? undefined : Number(inSync),
  );
  add(
    "knot_member_clock_offset_seconds",
    "Its clock minus this server's.",
    ({ clockOffsetMs }) => inSeconds(clockOffsetMs),
  );
  add("knot_member_records", "Records it holds, tombstones included.", ({ records }) => records);
}

function pathOf({ relayed, packetsBlocked, streamsBlocked }: MemberStatus): typeof PATHS[number] {
  if (relayed) return "relayed";
  return packetsBlocked ? "stream" : streamsBlocked ? "streams_blocked" : "packets";
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
