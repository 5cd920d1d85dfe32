import type { Child } from "hono/jsx";

/** Rows on one page of a list: a screenful or four, and cheap to render with 100,000 records behind it. */
export const PAGE_ROWS_MAX = 100;

/** Nobody types a longer search; what is beyond is cut off. */
const SEARCH_CHARACTERS_MAX = 200;

/** One column of a table of `Row`s. */
export interface Column<Row> {
  /** Name in `?sort=`. */
  readonly key: string;
  readonly label: string;
  /** What is sorted by and searched in. */
  value(row: Row): string | number;
  /** What is shown; the value where absent. */
  cell?(row: Row): Child;
  /** Aligned right, with even digits. */
  readonly numeric?: boolean;
  /** May be one long word, such as an address: breaks anywhere. */
  readonly breakable?: boolean;
}

/** How a list is looked at, as it stands in the address. */
export interface ListQuery {
  readonly search: string;
  /** A column's key. */
  readonly sort: string;
  readonly descending: boolean;
  /** From 1. */
  readonly page: number;
}

/** The part of a list to show. */
export interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly query: ListQuery;
  /** Rows that match the search, on all pages. */
  readonly matching: number;
  readonly total: number;
  /** At least 1. */
  readonly pages: number;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Reads `?q=&sort=&dir=&page=`; whatever is missing or unknown takes its default. */
export function listQuery(url: URL, columns: ReadonlyArray<Column<never>>): ListQuery {
  const sort = url.searchParams.get("sort") ?? "";
  const page = Number(url.searchParams.get("page") ?? "1");
  return {
    search: (url.searchParams.get("q") ?? "").trim().slice(0, SEARCH_CHARACTERS_MAX),
    sort: columns.some((column) => column.key === sort) ? sort : columns[0].key,
    descending: url.searchParams.get("dir") === "desc",
    page: Number.isSafeInteger(page) && page >= 1 ? page : 1,
  };
}

/** Filters, sorts and cuts `rows`. A page beyond the last one shows the last one. */
export function listing<Row>(
  rows: readonly Row[],
  columns: ReadonlyArray<Column<Row>>,
  query: ListQuery,
): Listing<Row> {
  const wanted = query.search.toLowerCase();
  const matching = wanted === ""
    ? [...rows]
    : rows.filter((row) => columns.some((column) => String(column.value(row)).toLowerCase().includes(wanted)));
  const column = columns.find((candidate) => candidate.key === query.sort) ?? columns[0];
  const direction = query.descending ? -1 : 1;
  matching.sort((a, b) => direction * compare(column.value(a), column.value(b)));
  const pages = Math.max(1, Math.ceil(matching.length / PAGE_ROWS_MAX));
  const page = Math.min(query.page, pages);
  return {
    rows: matching.slice((page - 1) * PAGE_ROWS_MAX, page * PAGE_ROWS_MAX),
    query: { ...query, page },
    matching: matching.length,
    total: rows.length,
    pages,
  };
}

/** The address of the same list, looked at in another way. */
export function listAddress(path: string, query: ListQuery, change: Partial<ListQuery>): string {
  const { search, sort, descending, page } = { ...query, ...change };
  const parameters = new URLSearchParams();
  if (search !== "") parameters.set("q", search);
  parameters.set("sort", sort);
  if (descending) parameters.set("dir", "desc");
  if (page > 1) parameters.set("page", String(page));
  return `${path}?${parameters}`;
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}
