import assert from "node:assert/strict";
import { accountsBench } from "../../tests/fakes/accounts_bench.ts";
import { memberStatus } from "../../tests/fakes/ui_bench.ts";
import type { MemberStatus } from "../node/mod.ts";
import { type ForgetMemberOutcome, localAdmin } from "./mod.ts";

/** The operator at a server among `members`; `answering` of them tell what they think. */
async function withAdmin<T>(
  members: readonly MemberStatus[],
  task: (admin: ReturnType<typeof localAdmin>, done: string[]) => Promise<T>,
  answering: readonly MemberStatus[] = [],
): Promise<T> {
  await using bench = await accountsBench();
  const { node, accounts, dataDir, check } = bench;
  node.setStatus({ clustered: true, members, nodeId: members[0].id });
  node.opinions = () => Promise.resolve(new Map([members[0], ...answering].map(({ id }) => [id, []])));
  const done: string[] = [];
  const cluster = {
    forget: (id: string) => {
      done.push(`forget ${id}`);
      return "forgotten" as const;
    },
    leave: () => void done.push("leave"),
    lostEdits: async function* () {},
  };
  return await task(localAdmin({ node, accounts, dataDir, check, cluster }), done);
}

const self = memberStatus("au", { self: true });
const [alive, dead] = [memberStatus("gb"), memberStatus("us", { state: "dead" })];

Deno.test("forgetMember() takes the end of an id, of six digits or more", async () => {
  const outcomes = await withAdmin([self, alive, dead], async (admin, done) => {
    const outcomes = [await admin.forgetMember("0000us"), await admin.forgetMember("00us")];
    assert.deepEqual(done, [`forget ${dead.id}`]);
    return outcomes;
  });
  assert.deepEqual(outcomes[0], { kind: "forgotten", nodeId: dead.id, address: "us.internal:3100", spared: 0 });
  assert.deepEqual(outcomes[1], { kind: "not_found" });
});

Deno.test("forgetMember() takes the one that is gone where several have the name, and none where several are", async () => {
  const sameZone = (name: string, state: "alive" | "dead" | "leaving") => memberStatus(name, { state, zone: "gb" });
  const forget = (...members: MemberStatus[]) =>
    withAdmin<ForgetMemberOutcome>([self, ...members], (admin) => admin.forgetMember("gb"));
  const [up, down] = [sameZone("a", "alive"), sameZone("b", "leaving")];
  const outcome = await forget(up, down);
  assert.deepEqual(outcome, { kind: "forgotten", nodeId: down.id, address: "b.internal:3100", spared: 1 });
  assert.equal((await forget(down, sameZone("c", "dead"))).kind, "ambiguous");
  assert.equal((await forget(up, sameZone("c", "alive"))).kind, "ambiguous");
});

Deno.test("leaveCluster() tells how many of the others were reached before it leaves", async () => {
  const leave = (answering: MemberStatus[]) =>
    withAdmin([self, alive, dead], async (admin, done) => {
      const outcome = await admin.leaveCluster();
      assert.deepEqual(done, ["leave"]);
      return outcome;
    }, answering);
  assert.deepEqual(await leave([alive]), { kind: "leaving", nodeId: self.id, reached: 1, others: 2 });
  assert.deepEqual(await leave([]), { kind: "leaving", nodeId: self.id, reached: 0, others: 2 });
});

Deno.test("forgetMember() and leaveCluster() are in the audit log, a name that fits nobody is not", async () => {
  await using bench = await accountsBench();
  const { node, accounts, dataDir, check } = bench;
  node.setStatus({ clustered: true, members: [self, dead], nodeId: self.id });
  node.opinions = () => Promise.resolve(new Map());
  const cluster = { forget: () => "forgotten" as const, leave: () => {}, lostEdits: async function* () {} };
  const admin = localAdmin({ node, accounts, dataDir, check, cluster });
  await admin.forgetMember("nobody");
  await admin.forgetMember(dead.id);
  await admin.leaveCluster();
  const { items } = await accounts.audit.find({ text: "Cluster" }, { start: 0, itemsMax: 10 });
  assert.deepEqual(items.map(({ event }) => event).sort(), ["Cluster Forget", "Cluster Leave"]);
});
