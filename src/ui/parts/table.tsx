// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Child, FC } from "hono/jsx";
import { type Column, listAddress, type Listing, type ListQuery } from "../listing.ts";

/** A list with search, sorting and pages: plain links and a GET form, so that it works without scripts and can be bookmarked. */
export function ListTable<Row>({ path, label, columns, listing, empty }: {
  path: string;
  /** Names the table for screen readers, in the plural: "Users". */
  label: string;
  columns: ReadonlyArray<Column<Row>>;
  listing: Listing<Row>;
  /** Shown instead of everything when there is nothing at all. */
  empty: Child;
}): Child {
  if (listing.total === 0) return <div class="card empty">{empty}</div>;
  const { query } = listing;
  return (
    <>
      <FilterForm path={path} label={label} columns={columns} query={query} />
      <p class="count" id="count" role="status">{countText(listing)}</p>
      <div id="results">
        {listing.rows.length === 0
          ? (
            <div class="card empty">
              <h2>Nothing matches</h2>
              <p>
                No entry contains “{query.search}”. <a href={path}>Show all</a>
              </p>
            </div>
          )
          : (
            <div class="table-frame">
              <table class="rows-as-cards" role="table" aria-label={label}>
                <thead role="rowgroup">
                  <tr role="row">
                    {columns.map((column) => <SortableHead path={path} column={column} query={query} />)}
                  </tr>
                </thead>
                <tbody role="rowgroup">
                  {listing.rows.map((row) => (
                    <tr role="row">
                      {columns.map((column, at) => <Cell column={column} row={row} head={at === 0} />)}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        <Pager path={path} listing={listing} />
      </div>
    </>
  );
}

function countText({ matching, total, query }: Listing<unknown>): string {
  return query.search === "" ? `${total} in all` : `${matching} of ${total}`;
}

function FilterForm<Row>({ path, label, columns, query }: {
  path: string;
  label: string;
  columns: ReadonlyArray<Column<Row>>;
  query: ListQuery;
}): Child {
  return (
    <form
      class="filter"
      method="get"
      action={path}
      role="search"
      aria-label={`Filter ${label.toLowerCase()}`}
      data-filter=""
    >
      <div class="grow">
        <label for="q">Search</label>
        <input id="q" name="q" type="search" value={query.search} autocomplete="off" />
      </div>
      <div class="narrow">
        <label for="sort">Sort by</label>
        <select id="sort" name="sort">
          {columns.map((column) => (
            <option value={column.key} selected={column.key === query.sort}>{column.label}</option>
          ))}
        </select>
      </div>
      <div class="narrow">
        <label for="dir">Order</label>
        <select id="dir" name="dir">
          <option value="asc" selected={!query.descending}>Ascending</option>
          <option value="desc" selected={query.descending}>Descending</option>
        </select>
      </div>
      <button class="button" type="submit">Search</button>
    </form>
  );
}

function SortableHead<Row>({ path, column, query }: { path: string; column: Column<Row>; query: ListQuery }): Child {
  const current = column.key === query.sort;
  const descending = current && !query.descending;
  const state = query.descending ? "descending" : "ascending";
  return (
    <th
      role="columnheader"
      scope="col"
      class={column.numeric ? "number" : undefined}
      aria-sort={current ? state : undefined}
    >
      <a href={listAddress(path, query, { sort: column.key, descending, page: 1 })}>
        {column.label}
        {current ? <span aria-hidden="true">{query.descending ? " ↓" : " ↑"}</span> : null}
      </a>
    </th>
  );
}

function Cell<Row>({ column, row, head }: { column: Column<Row>; row: Row; head: boolean }): Child {
  const content = column.cell?.(row) ?? column.value(row);
  if (head) return <th role="rowheader" scope="row">{content}</th>;
  const look = column.numeric ? "number" : column.breakable ? "breakable" : undefined;
  return <td role="cell" class={look} data-label={column.label}>{content}</td>;
}

const Pager: FC<{ path: string; listing: Listing<unknown> }> = ({ path, listing: { query, pages } }) => {
  if (pages === 1) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {query.page > 1 ? <a rel="prev" href={listAddress(path, query, { page: query.page - 1 })}>Previous</a> : null}
      <span>{`Page ${query.page} of ${pages}`}</span>
      {query.page < pages ? <a rel="next" href={listAddress(path, query, { page: query.page + 1 })}>Next</a> : null}
    </nav>
  );
};

/** Short words in a row: groups, roles, zones. A dash says that there are none. */
export const Tags: FC<{ words: readonly string[]; none?: string }> = ({ words, none }) =>
  words.length === 0
    ? <span class="quiet">{none ?? "–"}</span>
    : <ul class="tags">{words.map((word) => <li class="tag">{word}</li>)}</ul>;
