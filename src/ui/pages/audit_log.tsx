// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import type { FC } from "hono/jsx";
import { type AuditItem, Permission } from "../../accounts/mod.ts";
import { browserName } from "../browser_name.ts";
import { page, PageTitle } from "../parts/layout.tsx";
import { Moment } from "../parts/moment.tsx";
import type { SignedIn, Site } from "../site.ts";

/** Entries on one page: what is older is a link away. */
const PAGE_ITEMS = 50;
/** Nobody types a longer search. */
const SEARCH_CHARACTERS_MAX = 200;
const DAY_MS = 86_400_000;

/** What the visitor looks for, as it stands in the address. */
interface Filter {
  readonly q: string;
  readonly actor: string;
  readonly event: string;
  /** Days like 2026-01-31, both inclusive, in UTC. */
  readonly from: string;
  readonly to: string;
  /** From 1. */
  readonly page: number;
}

/** The page `/audit-log`: what was done through this server, the newest first. */
export async function auditLogPage(c: Context<SignedIn>, site: Site): Promise<Response> {
  const filter = filterOf(c);
  const { count, items } = await site.accounts.audit.find({
    text: filter.q,
    actor: filter.actor,
    event: filter.event,
    fromMs: dayMs(filter.from),
    toMs: endOfDayMs(filter.to),
  }, { start: (filter.page - 1) * PAGE_ITEMS, itemsMax: PAGE_ITEMS });
  const { principal } = c.var;
  const title = "Audit log";
  return await page(
    c,
    site,
    principal,
    { title, active: "/audit-log", scripts: ["moments.js"] },
    (
      <>
        <PageTitle title={title}>
          {principal.can(Permission.DownloadAuditLogs)
            ? <a class="button" href={`/api/audit-logs/export?${exportQuery(filter)}`}>Download</a>
            : null}
        </PageTitle>
        <p class="quiet">{`What was done through this server, in zone ${site.zone}. Each server keeps its own.`}</p>
        <FilterForm filter={filter} />
        <p class="count" role="status">{`${count.toLocaleString("en")} ${count === 1 ? "entry" : "entries"}`}</p>
        {items.length === 0
          ? (
            <div class="card empty">
              <h2>Nothing matches</h2>
            </div>
          )
          : <Entries items={items} nowMs={site.clock.wallMs()} />}
        <Pager filter={filter} count={count} />
      </>
    ),
  );
}

const FilterForm: FC<{ filter: Filter }> = ({ filter }) => (
  <form method="get" action="/audit-log" class="filter" role="search">
    <div class="grow">
      <label for="q">Search</label>
      <input id="q" name="q" type="search" value={filter.q} autocomplete="off" />
    </div>
    <Field name="actor" label="Actor" value={filter.actor} />
    <Field name="event" label="Event" value={filter.event} />
    <Field name="from" label="From" value={filter.from} type="date" />
    <Field name="to" label="To" value={filter.to} type="date" />
    <button class="button" type="submit">Filter</button>
    <a class="button plain" href="/audit-log">Show all</a>
  </form>
);

const Field: FC<{ name: string; label: string; value: string; type?: "text" | "date" }> = (
  { name, label, value, type = "text" },
) => (
  <div>
    <label for={name}>{label}</label>
    <input id={name} name={name} type={type} value={value} autocomplete="off" />
  </div>
);

const Entries: FC<{ items: readonly AuditItem[]; nowMs: number }> = ({ items, nowMs }) => (
  <div class="table-frame">
    <table class="rows-as-cards" role="table" aria-label="Audit log">
      <thead role="rowgroup">
        <tr role="row">
          {["When", "Actor", "Event", "Details", "More"].map((label) => <th role="columnheader" scope="col">{label}
          </th>)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <tr role="row">
            <th role="rowheader" scope="row">
              <Moment atMs={Date.parse(item.when)} nowMs={nowMs} />
            </th>
            <td role="cell" data-label="Actor">{item.actor === "" ? "–" : item.actor}</td>
            <td role="cell" class="unbroken" data-label="Event">{item.event}</td>
            <td role="cell" class="breakable" data-label="Details">{item.details}</td>
            <td role="cell" class="breakable small quiet" data-label="More">{moreText(item)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const Pager: FC<{ filter: Filter; count: number }> = ({ filter, count }) => {
  const pages = Math.max(1, Math.ceil(count / PAGE_ITEMS));
  if (pages === 1) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {filter.page > 1 ? <a href={`/audit-log?${query({ ...filter, page: filter.page - 1 })}`}>Newer</a> : null}
      <span>{`Page ${filter.page} of ${pages}`}</span>
      {filter.page < pages ? <a href={`/audit-log?${query({ ...filter, page: filter.page + 1 })}`}>Older</a> : null}
    </nav>
  );
};

/** Ids say nothing to people. */
function moreText({ properties }: AuditItem): string {
  return Object.entries(properties).filter(([name, text]) => name !== "id" && text !== "")
    .map(([name, text]) => name === "user_agent" ? browserName(text) : `${name.replaceAll("_", " ")}: ${text}`)
    .join(" · ");
}

function filterOf(c: Context): Filter {
  const text = (name: string) => (c.req.query(name) ?? "").trim().slice(0, SEARCH_CHARACTERS_MAX);
  const day = (name: string) => dayMs(text(name)) === undefined ? "" : text(name);
  const page = Number(c.req.query("page") ?? "1");
  return {
    q: text("q"),
    actor: text("actor"),
    event: text("event"),
    from: day("from"),
    to: day("to"),
    page: Number.isSafeInteger(page) && page >= 1 && page <= 10_000 ? page : 1,
  };
}

function query({ page, ...filter }: Filter): string {
  const parameters = new URLSearchParams(Object.entries(filter).filter(([, text]) => text !== ""));
  if (page > 1) parameters.set("page", String(page));
  return parameters.toString();
}

function exportQuery({ q, actor, event, from, to }: Filter): string {
  const times = { from, to: to === "" ? "" : new Date(endOfDayMs(to)!).toISOString() };
  return new URLSearchParams(Object.entries({ q, actor, event, ...times }).filter(([, text]) => text !== ""))
    .toString();
}

/** Beginning of a day in UTC; undefined where the text is no day. */
function dayMs(day: string): number | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function endOfDayMs(day: string): number | undefined {
  const ms = dayMs(day);
  return ms === undefined ? undefined : ms + DAY_MS - 1;
}
