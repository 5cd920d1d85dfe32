import assert from "node:assert/strict";
import fc from "fast-check";
import { Departures } from "./departures.ts";

const at = (number: number) => number.toString(16).padStart(16, "0");

Deno.test("Departures gives what is due, in order, and no more than asked for", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50), { maxLength: 60 }),
      fc.nat(50),
      fc.integer({ min: 1, max: 20 }),
      (dues, horizon, max) => {
        const departures = new Departures();
        for (const [i, due] of dues.entries()) departures.add({ due: at(due), kind: "group", id: `g${i}` });
        const expected = dues.filter((due) => due <= horizon).sort((a, b) => a - b).slice(0, max).map(at);
        assert.deepEqual(departures.take(at(horizon), max).map(({ due }) => due), expected);
        assert.equal(departures.size, dues.length - expected.length);
      },
    ),
  );
});
