import assert from "node:assert/strict";
import { packRecord, type RecordState, type Write } from "../../src/records/mod.ts";
import { DiskWatch } from "./disk_watch.ts";
import { Ledger } from "./ledger.ts";
import { runSeed } from "./run_seed.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import { Simulation } from "./simulation.ts";
import { Verdict } from "./verdict.ts";

const ID = "01977420-dc00-7000-8000-000000000009";

/** Two servers that are down, disks that are watched, and a way to write one record to them. */
function watched() {
  const simulation = new Simulation({ seed: 1 });
  const server = simulation.add({ peers: [] });
  const other = simulation.add({ peers: [] });
  const verdict = new Verdict(() => 0);
  const disks = new DiskWatch(verdict, () => Infinity);
  const ledger = new Ledger(disks, verdict);
  const commit = (state: RecordState, at: SimulatedServer = server) =>
    disks.committed(at, [{ key: ["record", state.kind, state.id], value: packRecord(state) }]);
  return { server, other, verdict, disks, ledger, commit };
}

const stamp = (ms: number, node: string) => ms.toString(16).padStart(12, "0") + "0000" + node.replaceAll("-", "");

function variable(value: string, at: string): RecordState {
  const bytes = new Uint8Array([0x60 + value.length, ...new TextEncoder().encode(value)]);
  return {
    kind: "template_variable",
    id: ID,
    fields: new Map([["value", { stamp: at, value: bytes }]]),
    sets: new Map(),
  };
}

const edit = (value: string): Write => ({ op: "update", kind: "template_variable", id: ID, fields: { value } });

Deno.test("DiskWatch notices a deleted record that comes back", () => {
  const { server, verdict, commit } = watched();
  const later = stamp(2, server.nodeId);
  commit(variable("a#1", stamp(1, server.nodeId)));
  commit({ kind: "template_variable", id: ID, deletedAt: later, fields: new Map(), sets: new Map() });
  assert(verdict.isClean);
  commit(variable("a#1", stamp(3, server.nodeId)));
  assert.match(verdict.failures.join(), /brought back/);
});

Deno.test("DiskWatch notices one stamp for two values, and a stamp that goes back", () => {
  const { server, verdict, commit } = watched();
  commit(variable("a#1", stamp(5, server.nodeId)));
  commit(variable("b#2", stamp(5, server.nodeId)));
  assert.match(verdict.failures.join(), /stands for two values/);
  const other = watched();
  other.commit(variable("a#1", stamp(5, other.server.nodeId)));
  other.commit(variable("b#2", stamp(4, other.server.nodeId)));
  assert.match(other.verdict.failures.join(), /gave stamp/);
});

Deno.test("DiskWatch.isLastWithLost() until the record is on the older disk, too", () => {
  const { server, other, disks, commit } = watched();
  const record = variable("a#1", stamp(1, server.nodeId));
  commit(record);
  commit(record, other);
  assert.equal(disks.isLastWithLost(other), false);
  disks.replaced(server, []);
  assert.deepEqual([server, other].map((one) => disks.isLastWithLost(one)), [false, true]);
  commit(record);
  assert.equal(disks.isLastWithLost(other), false);
});

Deno.test("Ledger.check() misses an acknowledged value, but not one that something newer replaced", () => {
  const { server, verdict, ledger, commit } = watched();
  ledger.tried([edit("a#1")]);
  commit(variable("a#1", stamp(5, server.nodeId)));
  ledger.answered(server, [edit("a#1")], { kind: "committed", copies: 1, members: 1 });
  ledger.tried([edit("b#2")]);
  const foreign = "01977420-dc00-7000-8000-00000000000f";
  commit(variable("b#2", stamp(6, foreign)));
  ledger.check([server]);
  assert(verdict.isClean, verdict.failures.join());
  commit(variable("b#2", stamp(4, foreign)));
  ledger.check([server]);
  assert.match(verdict.failures.join(), /lost value = a#1/);
});

Deno.test("Ledger.lostDisk() gives up a deletion that no other disk had heard of, what was deleted with it, and only that", () => {
  const erase: Write = { op: "delete", kind: "template_variable", id: ID };
  for (const isHeard of [false, true]) {
    const { server, other, verdict, disks, ledger, commit } = watched();
    const older = variable("a#1", stamp(1, server.nodeId));
    const tombstone = { ...older, deletedAt: stamp(3, server.nodeId), fields: new Map() };
    const newer = variable("b#2", stamp(2, server.nodeId));
    ledger.tried([edit("a#1"), edit("b#2")]);
    commit(older);
    commit(newer);
    ledger.answered(server, [edit("b#2")], { kind: "committed", copies: 1, members: 1 });
    commit(tombstone);
    ledger.answered(server, [erase], { kind: "committed", copies: 1, members: 1 });
    if (isHeard) commit(tombstone, other);
    ledger.lostDisk(server, [other]);
    disks.replaced(server, [{ key: ["record", older.kind, older.id], value: packRecord(older) }]);
    ledger.check([server]);
    assert.equal(/deleted at/.test(verdict.failures.join()), isHeard);
    assert.equal(verdict.isClean, !isHeard, verdict.failures.join());
  }
});

Deno.test("Ledger.check() notices what was refused, and what nobody wrote", () => {
  const { server, verdict, ledger, commit } = watched();
  ledger.tried([edit("a#1")]);
  ledger.answered(server, [edit("a#1")], { kind: "unavailable", reason: "any" });
  commit(variable("a#1", stamp(5, server.nodeId)));
  ledger.check([server]);
  assert.match(verdict.failures.join(), /which was refused/);
  commit(variable("z#9", stamp(6, server.nodeId)));
  ledger.check([server]);
  assert.match(verdict.failures.join(), /which nobody wrote/);
});

Deno.test("runSeed() does the same again for the same seed", async () => {
  const traces: string[][] = [[], []];
  for (const trace of traces) {
    await runSeed({
      seed: 11,
      minutes: 0.5,
      level: "message",
      print: (line) => trace.push(line),
    });
  }
  assert(traces[0].length > 1_000);
  assert.deepEqual(traces[0], traces[1]);
});
