import assert from "node:assert/strict";
import { NO_READING } from "../records/mod.ts";
import { Horizon } from "./horizon.ts";

const at = (number: number) => number.toString(16).padStart(16, "0");

function three(): Horizon {
  const horizon = new Horizon(NO_READING);
  horizon.setMembers("abc", new Set(["b", "c"]));
  return horizon;
}

Deno.test("Horizon is the least of what all members say, once all have said it", () => {
  const horizon = three();
  horizon.agreed("b", at(10));
  assert.equal(horizon.own(at(99)).at, NO_READING, "not agreed with everybody");
  horizon.agreed("c", at(12));
  assert.deepEqual(horizon.own(at(99)), { set: "abc", at: at(10) });
  horizon.heard("b", { set: "abc", at: at(8) });
  assert.equal(horizon.candidate(at(99)), NO_READING, "one has not spoken");
  horizon.heard("c", { set: "abc", at: at(20) });
  assert.equal(horizon.candidate(at(99)), at(8));
});

Deno.test("Horizon does not count what was said of other members, and begins anew when they change", () => {
  const horizon = three();
  for (const id of ["b", "c"]) {
    horizon.agreed(id, at(10));
    horizon.heard(id, { set: id === "b" ? "abc" : "ab", at: at(10) });
  }
  assert.equal(horizon.candidate(at(99)), NO_READING);
  assert.equal(horizon.setMembers("ab", new Set(["b"])), true);
  assert.equal(horizon.own(at(99)).at, NO_READING);
});

Deno.test("Horizon takes no word of strangers, and no old word for a new one", () => {
  const horizon = three();
  horizon.agreed("d", at(1));
  horizon.heard("d", { set: "abc", at: at(1) });
  for (const id of ["b", "c"]) {
    horizon.agreed(id, at(50));
    horizon.heard(id, { set: "abc", at: at(40) });
    horizon.heard(id, { set: "abc", at: at(30) });
  }
  assert.equal(horizon.candidate(at(99)), at(40));
});

Deno.test("Horizon only grows; alone, a server agrees with itself", () => {
  const horizon = new Horizon(at(5));
  assert.equal(horizon.raise(at(5)), false);
  assert.equal(horizon.raise(at(4)), false);
  assert.equal(horizon.raise(at(6)), true);
  assert.equal(horizon.value, at(6));
  horizon.setMembers("a", new Set());
  assert.equal(horizon.candidate(at(9)), at(9));
});
