import { type Context, Hono } from "hono";
import { AUDIT_ROWS_MAX, type AuditItem, type AuditQuery, Permission } from "../accounts/mod.ts";
import { answer } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";

/** Entries in one answer, unless asked for fewer or more. */
const ITEMS_DEFAULT = 100;
const ITEMS_MAX = 1_000;
/** Longer than any name or sentence that an entry holds. */
const QUERY_CHARACTERS_MAX = 512;

const COLUMNS = ["when", "zone", "actor", "actor_type", "event", "details", "properties"] as const;

/** Routes under `/api/audit-logs`: what was done through this server. */
export function auditLogRoutes({ accounts }: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.get("/", gate.permit(Permission.ViewAuditLogs), async (c) => {
    const start = wholeNumber(c, "start", { otherwise: 0, max: AUDIT_ROWS_MAX });
    const itemsMax = wholeNumber(c, "max-items", { otherwise: ITEMS_DEFAULT, max: ITEMS_MAX });
    return answer(c, await accounts.audit.find(queryOf(c), { start, itemsMax }));
  });
  routes.get("/export", gate.permit(Permission.DownloadAuditLogs), async (c) => {
    const { items } = await accounts.audit.find(queryOf(c), { start: 0, itemsMax: AUDIT_ROWS_MAX });
    return c.body([COLUMNS.join(","), ...items.map(csvLine)].map((line) => `${line}\r\n`).join(""), 200, {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": 'attachment; filename="audit-log.csv"',
    });
  });
  return routes;
}

function queryOf(c: Context): AuditQuery {
  const text = (name: string) => (c.req.query(name) ?? "").slice(0, QUERY_CHARACTERS_MAX);
  return {
    text: text("q"),
    actor: text("actor"),
    actorType: text("actor_type"),
    event: text("event"),
    fromMs: time(c, "from"),
    toMs: time(c, "to"),
  };
}

function time(c: Context, name: "from" | "to"): number | undefined {
  const text = c.req.query(name) ?? "";
  if (text === "") return undefined;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new ApiError(400, `Cannot read the audit log: ${name} must be a time`, {
    fields: { [name]: "must be a time like 2026-01-31T12:00:00Z" },
  });
}

function wholeNumber(c: Context, name: string, { otherwise, max }: { otherwise: number; max: number }): number {
  const text = c.req.query(name) ?? "";
  if (text === "") return otherwise;
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), max);
  throw new ApiError(400, `Cannot read the audit log: ${name} must be a whole number`, {
    fields: { [name]: "must be a whole number" },
  });
}

/** RFC 4180. What a spreadsheet would take for a formula gets an apostrophe in front: names come from anybody. */
function csvLine(item: AuditItem): string {
  return COLUMNS.map((column) => {
    const text = column === "properties" ? JSON.stringify(item.properties) : item[column];
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  }).join(",");
}
