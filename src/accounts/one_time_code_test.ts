import assert from "node:assert/strict";
import { Secret } from "otpauth";
import { newTotpSecret, totpStep, totpUri } from "./one_time_code.ts";

/** RFC 6238, appendix B: the secret "12345678901234567890"; codes cut to six digits. */
const secret = Secret.fromUTF8("12345678901234567890").base32;
const VECTORS: Array<[number, string]> = [[59, "287082"], [1111111109, "081804"], [1234567890, "005924"], [
  2000000000,
  "279037",
]];

Deno.test("totpStep() takes the codes of RFC 6238 at their time", () => {
  for (const [seconds, code] of VECTORS) {
    assert.equal(totpStep({ secret, code, window: 0, wallMs: seconds * 1000 }), Math.floor(seconds / 30));
  }
});

Deno.test("totpStep() gives the code's own step within the window, and nothing outside", () => {
  const wallMs = 59_000 + 30_000;
  assert.equal(totpStep({ secret, code: "287 082", window: 1, wallMs }), 1);
  assert.equal(totpStep({ secret, code: "287082", window: 0, wallMs }), undefined);
});

Deno.test("totpStep() takes nothing that is no code, and no broken secret", () => {
  for (const code of ["", "28708", "2870820", "abcdef", "２８７０８２"]) {
    assert.equal(totpStep({ secret, code, window: 1, wallMs: 59_000 }), undefined, code);
  }
  assert.equal(totpStep({ secret: "not base32!", code: "287082", window: 1, wallMs: 59_000 }), undefined);
});

Deno.test("a new secret has 160 bits of the entropy, and an address for authenticators", () => {
  const made = newTotpSecret((length) => new Uint8Array(length).fill(7));
  assert.equal(Secret.fromBase32(made).bytes.length, 20);
  const uri = totpUri({ secret: made, issuer: "Knot", label: "ann@example.com" });
  assert.match(uri, /^otpauth:\/\/totp\/Knot:ann%40example\.com\?/);
  assert.ok(uri.includes(`secret=${made}`));
});
