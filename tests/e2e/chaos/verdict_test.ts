import assert from "node:assert/strict";
import { Book } from "./book.ts";
import { findings, type GroupSeen, type ServerSeen } from "./verdict.ts";

const ID = "01977420-dc00-7000-8000-000000000001";

/** A client that was told of one group's creation. */
function bookOfOne() {
  const book = new Book();
  const entry = book.begin("one");
  book.created(entry, "acknowledged", ID);
  return { book, entry };
}

function group(change: Partial<GroupSeen> = {}): GroupSeen {
  const counters = { compute_units: 0, storage_units: 0, max_tunnels: 0 };
  return { group_id: ID, name: "one", in_conflict: false, ...counters, ...change };
}

/** Two servers that show the same. */
function bothShow(...groups: GroupSeen[]): ServerSeen[] {
  return [{ server: "au", groups }, { server: "gb", groups }];
}

function assertFound(found: readonly string[], ...patterns: RegExp[]): void {
  for (const pattern of patterns) assert.ok(found.some((text) => pattern.test(text)), `${pattern} in ${found}`);
  if (patterns.length === 0) assert.deepEqual(found, []);
}

Deno.test("findings() has nothing to say of what was acknowledged and is there", () => {
  const { book, entry } = bookOfOne();
  book.updated(entry, "acknowledged", "max_tunnels", 1);
  book.updated(entry, "refused", "max_tunnels", 2);
  assertFound(findings(book, bothShow(group({ max_tunnels: 1 }))));
});

Deno.test("findings() names an acknowledged creation that is missing", () => {
  assertFound(findings(bookOfOne().book, bothShow()), /au: group "one" is missing/, /gb: group "one" is missing/);
});

Deno.test("findings() names an acknowledged update that an older value took the place of", () => {
  const { book, entry } = bookOfOne();
  book.updated(entry, "acknowledged", "compute_units", 2);
  assertFound(findings(book, bothShow(group({ compute_units: 1 }))), /has compute_units 1: 2 was acknowledged last/);
});

Deno.test("findings() names a refused update that happened", () => {
  const { book, entry } = bookOfOne();
  book.updated(entry, "refused", "compute_units", 1);
  assertFound(findings(book, bothShow(group({ compute_units: 1 }))), /has compute_units 1: 0 was acknowledged last/);
});

Deno.test("findings() names a deleted group that is back", () => {
  const { book, entry } = bookOfOne();
  book.deleted(entry, "acknowledged");
  assertFound(findings(book, bothShow()));
  assertFound(findings(book, bothShow(group())), /is back/);
});

Deno.test("findings() takes an unanswered write either way", () => {
  const { book, entry } = bookOfOne();
  book.updated(entry, "unanswered", "compute_units", 1);
  assertFound(findings(book, bothShow(group())));
  assertFound(findings(book, bothShow(group({ compute_units: 1 }))));
  book.deleted(entry, "unanswered");
  assertFound(findings(book, bothShow()));
});

Deno.test("findings() names servers that do not show the same, and what nobody made", () => {
  const { book } = bookOfOne();
  const found = findings(book, [{ server: "au", groups: [group()] }, {
    server: "gb",
    groups: [group(), group({ group_id: "other", name: "ghost" })],
  }]);
  assertFound(found, /au and gb show 1 groups differently/, /gb: group "ghost" was made by nobody/);
});
