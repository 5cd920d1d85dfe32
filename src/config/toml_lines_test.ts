import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { lineOf, tomlLines } from "./toml_lines.ts";

Deno.test("tomlLines() finds sections and keys of every form", () => {
  const text = [
    "# comment with key = 1", // 1
    "a = 1 # b = 2", // 2
    "c.'d e'.f = 'x'", // 3
    "[s] # [no]", // 4
    'g = "\\" # [no]"', // 5
    "h = [", // 6
    "  'i = 1', # ]", // 7
    "]", // 8
    "j = '''", // 9
    "k = 1", // 10
    "'''", // 11
    '[s."t.u".v]', // 12
    "l = { m = 1 }", // 13
    "[[n]]", // 14
    "o = 1", // 15
    "[[n]]", // 16
    "p = 1", // 17
  ].join("\n");
  parse(text); // Valid, or this test says nothing.
  assert.deepEqual(Object.fromEntries(tomlLines(text)), {
    "a": 2,
    "c": 3,
    "c.d e": 3,
    "c.d e.f": 3,
    "s": 4,
    "s.g": 5,
    "s.h": 6,
    "s.j": 9,
    "s.t.u": 12,
    "s.t.u.v": 12,
    "s.t.u.v.l": 13,
    "n": 14,
    "n.o": 15,
    "n.p": 17,
  });
});

Deno.test("lineOf() falls back to the section around a key", () => {
  const lines = tomlLines("\n[server]\ncluster = { key = 'x' }\n");
  assert.equal(lineOf(lines, "server.cluster.key"), 3);
  assert.equal(lineOf(lines, "server.zone"), 2);
  assert.equal(lineOf(lines, "log.level"), undefined);
});

Deno.test("tomlLines() ends on any text, valid or not", () => {
  fc.assert(fc.property(fc.string(), (text) => tomlLines(text) instanceof Map));
  const toml = fc.string({ unit: fc.constantFrom("[", "]", "=", '"', "'", "\n", "#", ".", "a", "\\", "{") });
  fc.assert(fc.property(toml, (text) => tomlLines(text) instanceof Map));
});

Deno.test("tomlLines() finds every key that a parser finds", () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()));
  const table = fc.dictionary(fc.stringMatching(/^[a-z"'= #\[\]]{1,6}$/), value);
  fc.assert(fc.property(table, (written) => {
    const text = stringify(written);
    // Quotes in a key come back escaped: the scan gives names for messages, not for lookups of such keys.
    const plain = Object.keys(parse(text)).filter((name) => !name.includes('"'));
    for (const name of plain) assert.ok(tomlLines(text).has(name), `${JSON.stringify(name)} in ${text}`);
  }));
});
