import assert from "node:assert/strict";
import { validate, version } from "uuid";
import { AssertionError } from "../base/mod.ts";
import { ADMIN_ROLE_ID, isRecordId, recordId } from "./ids.ts";

Deno.test("recordId() is a UUIDv7 of the time and entropy given", () => {
  const id = recordId(0x18bcfe56800, new Uint8Array(16).fill(0xff));
  assert.ok(validate(id));
  assert.equal(version(id), 7);
  assert.ok(id.startsWith("018bcfe5-6800-7"), id);
  assert.equal(recordId(0x18bcfe56800, new Uint8Array(16).fill(0xff)), id);
  assert.notEqual(recordId(0x18bcfe56800, new Uint8Array(16).fill(0xfe)), id);
});

Deno.test("recordId() sorts by time", () => {
  assert.ok(recordId(1, new Uint8Array(16).fill(0xff)) < recordId(2, new Uint8Array(16)));
});

Deno.test("recordId() refuses too little entropy", () => {
  assert.throws(() => recordId(1, new Uint8Array(15)), AssertionError);
});

Deno.test("isRecordId() tells ids from names", () => {
  assert.ok(isRecordId(recordId(1_700_000_000_000, new Uint8Array(16).fill(1))));
  assert.ok(isRecordId(ADMIN_ROLE_ID));
  for (
    const text of [
      "",
      "ann",
      "018BCFE5-6800-7ABC-8DEF-0123456789AB",
      "018bcfe5-6800-4abc-8def-0123456789ab",
      `${ADMIN_ROLE_ID}\n`,
    ]
  ) {
    assert.equal(isRecordId(text), false, text);
  }
});
