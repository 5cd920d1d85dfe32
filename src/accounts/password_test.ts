import assert from "node:assert/strict";
import { systemEntropy } from "../base/mod.ts";
import { PasswordHasher } from "./password.ts";

Deno.test("a password is stored as a PHC string with OWASP's parameters, and verified from it", async () => {
  const hasher = new PasswordHasher(systemEntropy);
  const stored = await hasher.hash("correct horse");
  assert.match(stored, /^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await hasher.verify("correct horse", stored), true);
  assert.equal(await hasher.verify("correct horsf", stored), false);
  assert.notEqual(await hasher.hash("correct horse"), stored, "each has a salt of its own");
});

Deno.test("a password written with other code points for the same letters is the same", async () => {
  const hasher = new PasswordHasher(systemEntropy);
  const stored = await hasher.hash("cafe\u0301 au lait");
  assert.equal(await hasher.verify("caf\u00e9 au lait", stored), true);
});

Deno.test("verify() works as long for unknown users, and says no to hashes it cannot or must not read", async () => {
  const hasher = new PasswordHasher(systemEntropy);
  const elapsed = async (stored: string | undefined) => {
    const start = performance.now();
    assert.equal(await hasher.verify("any password", stored), false);
    return performance.now() - start;
  };
  const known = await elapsed(await hasher.hash("correct horse"));
  for (
    const stored of [
      undefined,
      "",
      "plain",
      "$scrypt$ln=31,r=8,p=3$AAAA$" + "A".repeat(43),
      "$scrypt$ln=0,r=0,p=0$AA$" + "A".repeat(43),
    ]
  ) {
    assert.ok(await elapsed(stored) > known / 10, `${stored} is answered at once`);
  }
});

Deno.test("hashes run a few at a time, wait in a bounded line, and past it are refused at once", async () => {
  const hasher = new PasswordHasher(systemEntropy);
  const cheap = "$scrypt$ln=1,r=1,p=1$AAAA$" + "A".repeat(43);
  const results = await Promise.all(Array.from({ length: 60 }, () => hasher.verify("x", cheap)));
  assert.equal(results.filter((result) => result === "busy").length, 60 - 51);
  assert.equal(await hasher.verify("x", cheap), false, "the line is empty again");
});
