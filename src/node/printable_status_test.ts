import assert from "node:assert/strict";
import { memberStatus } from "../../tests/fakes/ui_bench.ts";
import { printableStatus } from "./printable_status.ts";

Deno.test("printableStatus() leaves nothing that another server chose as it could trick a reader", () => {
  const evil = "x\u202e\u001b[2J";
  const member = memberStatus("gb", { label: evil, problem: `cannot be connected to: ${evil}` });
  const texts = { address: evil, zone: evil, hostname: evil, version: evil, apiEndpoint: evil };
  const shown = printableStatus({ ...member, facts: { ...member.facts!, ...texts } });
  assert.deepEqual(JSON.stringify(shown).match(/\\\\u202e\\\\u001b/g)?.length, 7);
  assert.equal(printableStatus(memberStatus("gb", { facts: undefined })).facts, undefined);
  assert.deepEqual(printableStatus(member).id, member.id);
});
