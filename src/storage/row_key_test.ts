import { strictEqual } from "node:assert/strict";
import { keyText } from "./row_key.ts";
Deno.test("keyText() tells all keys apart, whatever characters are in them", () => {
  const keys = [["a"], ["a", "b"], ["a\0b"], ["a", "", "b"], ["", "a", "b"], ['["a\\u0000b"]'], ["=a"], ["a\0", "b"]];
  strictEqual(new Set(keys.map(keyText)).size, keys.length);
});
