import assert from "node:assert/strict";
import { uiBench } from "../../tests/fakes/ui_bench.ts";
import { type Column, listAddress, listing, listQuery, PAGE_ROWS_MAX } from "./listing.ts";

type Row = { name: string; size: number };
const COLUMNS: Column<Row>[] = [
  { key: "name", label: "Name", value: (row) => row.name },
  { key: "size", label: "Size", value: (row) => row.size, numeric: true },
];
const ROWS = [{ name: "b10", size: 2 }, { name: "a", size: 10 }, { name: "B9", size: 1 }];

function names(query: string, rows: readonly Row[] = ROWS): string[] {
  return listing(rows, COLUMNS, listQuery(new URL(`http://x/?${query}`), COLUMNS)).rows.map((row) => row.name);
}

Deno.test("listing() sorts by the first column unless told, numbers within names by value, cases alike", () => {
  assert.deepEqual(names(""), ["a", "B9", "b10"]);
  assert.deepEqual(names("dir=desc"), ["b10", "B9", "a"]);
  assert.deepEqual(names("sort=size"), ["B9", "b10", "a"]);
  assert.deepEqual(names("sort=nothing&dir=sideways&page=-1"), ["a", "B9", "b10"]);
});

Deno.test("listing() searches every column, without regard to case", () => {
  assert.deepEqual(names("q=B"), ["B9", "b10"]);
  assert.deepEqual(names("q=%2010%20"), ["a", "b10"]);
  assert.deepEqual(names("q=zzz"), []);
});

Deno.test("listing() shows a page at a time, and the last one beyond the end", () => {
  const rows = Array.from({ length: PAGE_ROWS_MAX + 1 }, (_, at) => ({ name: `n${at}`, size: at }));
  assert.equal(names("page=1", rows).length, PAGE_ROWS_MAX);
  assert.deepEqual(names("page=2", rows), [`n${PAGE_ROWS_MAX}`]);
  assert.deepEqual(names("page=99", rows), [`n${PAGE_ROWS_MAX}`]);
});

Deno.test("listAddress() keeps what is not changed", () => {
  const query = listQuery(new URL("http://x/?q=a&sort=size&dir=desc&page=3"), COLUMNS);
  assert.equal(listAddress("/u", query, {}), "/u?q=a&sort=size&dir=desc&page=3");
  assert.equal(listAddress("/u", query, { sort: "name", descending: false, page: 1 }), "/u?q=a&sort=name");
});

Deno.test("a list page sorts, filters and tells screen readers how", async () => {
  await using bench = await uiBench();
  for (const name of ["Alpha", "Beta"]) await bench.group(name);
  const root = await bench.visitor("root");
  const sorted = await (await root.get("/groups?sort=name&dir=desc")).text();
  assert.ok(sorted.indexOf("Beta</a>") < sorted.indexOf("Alpha</a>"));
  assert.match(sorted, /aria-sort="descending"/);
  const filtered = await (await root.get("/groups?q=alp")).text();
  assert.match(filtered, /role="status">1 of 2</);
  assert.ok(!filtered.includes("Beta</a>"));
  assert.match(await (await root.get("/groups?q=zzz")).text(), /Nothing matches/);
});
