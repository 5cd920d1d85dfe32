import assert from "node:assert/strict";
import { systemEntropy } from "../base/mod.ts";
import { createSealer } from "./sealer.ts";

const here = createSealer("a".repeat(32), systemEntropy);
const elsewhere = createSealer("b".repeat(32), systemEntropy);
const none = createSealer("", systemEntropy);

Deno.test("what one server seals, another with the same key opens, and none with another key", () => {
  const sealed = here.seal("hunter22 ü");
  assert.ok(!sealed.includes("hunter22"));
  assert.equal(createSealer("a".repeat(32), systemEntropy).open(sealed), "hunter22 ü");
  assert.equal(elsewhere.open(sealed), undefined);
  assert.equal(none.open(sealed), undefined);
  assert.notEqual(here.seal("hunter22 ü"), sealed);
});

Deno.test("a changed or cut sealed text opens to nothing", () => {
  const sealed = here.seal("hunter22");
  for (
    const broken of [
      sealed.slice(0, -4),
      sealed.slice(0, 12),
      "sealed:1:",
      "sealed:1:%%%",
      sealed.replace(/.{4}$/, "AAAA"),
    ]
  ) {
    assert.equal(here.open(broken), undefined, broken);
  }
});

Deno.test("without a key texts stay as they are, also those that look sealed", () => {
  for (const text of ["", "hunter22", "sealed:1:x", "plain:1:x"]) {
    assert.equal(none.open(none.seal(text)), text);
    assert.equal(here.open(none.seal(text)), text, "a key that is set later still reads them");
  }
  assert.equal(here.seal(""), "");
});
