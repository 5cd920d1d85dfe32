import assert from "node:assert/strict";
import { printable } from "./printable.ts";

Deno.test("printable() escapes what moves the cursor, breaks lines or turns the direction of writing, and nothing else", () => {
  assert.equal(printable("au\u001b[31m\n\u009b"), "au\\u001b[31m\\u000a\\u009b");
  for (const turn of "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
    assert.equal(printable(`a${turn}b`), `a\\u${turn.charCodeAt(0).toString(16)}b`);
  }
  assert.equal(printable("Zürich – 東京 😀 'x' \\"), "Zürich – 東京 😀 'x' \\");
});
