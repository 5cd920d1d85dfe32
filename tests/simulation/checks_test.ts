import assert from "node:assert/strict";
import { allEqual } from "./checks.ts";
import type { SimulatedServer } from "./simulated_server.ts";

const RECORD = { id: "1", version: "v", fields: { username: "ann", tags: ["a", "b"] }, sets: { groups: ["g"] } };

function showing(...users: object[]): SimulatedServer {
  return { node: { list: (kind: string) => kind === "user" ? users : [] } } as unknown as SimulatedServer;
}

Deno.test("allEqual() holds servers for equal that show the same, and passes over those that are down", () => {
  const down = { node: undefined } as SimulatedServer;
  assert.ok(allEqual([down, showing(RECORD), showing(structuredClone(RECORD))]));
  assert.ok(allEqual([down]));
});

Deno.test("allEqual() notices any difference in what is shown", () => {
  const { fields, sets } = RECORD;
  const others = [
    { ...RECORD, id: "2" },
    { ...RECORD, version: "w" },
    { ...RECORD, fields: { ...fields, username: "bob" } },
    { ...RECORD, fields: { ...fields, tags: ["b", "a"] } },
    { ...RECORD, fields: { username: "ann" } },
    { ...RECORD, fields: { username: "ann", labels: fields.tags } },
    { ...RECORD, fields: { ...fields, email: undefined } },
    { ...RECORD, sets: { ...sets, groups: [] } },
  ];
  for (const other of others) {
    assert.ok(!allEqual([showing(RECORD), showing(other)]), JSON.stringify(other));
    assert.ok(!allEqual([showing(other), showing(RECORD)]), JSON.stringify(other));
  }
  assert.ok(!allEqual([showing(RECORD), showing(RECORD), showing()]));
  assert.ok(!allEqual([showing(), showing(RECORD)]));
});
