import assert from "node:assert/strict";
import { accountsBench } from "../../tests/fakes/accounts_bench.ts";
import { silentLog } from "../../tests/fakes/silent_log.ts";
import { systemEntropy } from "../base/mod.ts";
import { warnOfForeignSeals } from "./sealed_check.ts";
import { createSealer } from "./sealer.ts";

Deno.test("secrets sealed under another key are counted in one warning, those of this key are not", async () => {
  const totp = { enabled: true, window: 1, issuer: "Knot" };
  const key = "k".repeat(32);
  await using bench = await accountsBench({ config: { totp, encrypt: key } });
  await bench.user("ann");
  await bench.user("bob");
  await bench.signIn("ann"); // Enrols.
  const warningsWith = (encrypt: string) => {
    const log = silentLog();
    warnOfForeignSeals({ node: bench.node, sealer: createSealer(encrypt, systemEntropy), log });
    return log.lines;
  };
  assert.deepEqual(warningsWith(key), []);
  const [warning] = warningsWith("x".repeat(32));
  assert.deepEqual([warning.level, warning.fields], ["warn", { users: 1 }]);
});
