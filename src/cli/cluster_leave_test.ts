import assert from "node:assert/strict";
import type { Admin } from "../admin/mod.ts";
import type { AdminSeats } from "./admin_seat.ts";
import { runIn } from "./run_fixture.ts";

/** A running server that answers so. */
function seats(admin: Partial<Admin>): { admins: AdminSeats } {
  const seat = { admin: admin as Admin, [Symbol.asyncDispose]: () => Promise.resolve() };
  return { admins: { connect: () => Promise.resolve(seat) } as unknown as AdminSeats };
}

async function leave(reached: number, others: number): Promise<string> {
  const { admins } = seats({ leaveCluster: () => Promise.resolve({ kind: "leaving", nodeId: "n1", reached, others }) });
  const { code, stdout } = await runIn({ admin: admins }, "cluster", "leave");
  assert.equal(code, 0);
  return stdout;
}

Deno.test("knot cluster leave says how many servers heard it, and what to do where none did", async () => {
  assert.match(await leave(2, 2), /stops; 2 other servers were told$/m);
  assert.match(await leave(1, 3), /one other server was told, which tell the 2 others/);
  assert.match(await leave(0, 2), /no other server could be told: forget it there with knot cluster forget n1/);
  assert.match(await leave(0, 0), /it was the only one/);
});

Deno.test("knot cluster forget says which of several of that name it took", async () => {
  const forgotten = { kind: "forgotten", nodeId: "n1", address: "a:3100", spared: 1 } as const;
  const { admins } = seats({ forgetMember: () => Promise.resolve(forgotten) });
  const { stdout } = await runIn({ admin: admins }, "cluster", "forget", "gb");
  assert.equal(stdout, "Forgot a:3100, id n1; one other server has that name and is not gone\n");
});
