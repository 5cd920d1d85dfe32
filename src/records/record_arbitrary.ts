import fc from "fast-check";
import { tombstone, withBirth } from "./birth.ts";
import type { Membership, RecordState, Register, Stamp, Value } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { encodeValue } from "./value.ts";

const NODES = ["0", "f"].map((digit) => digit.repeat(32));

/** Few enough stamps that equal ones with different contents come up often, as on cloned disks. */
export const anyStamp: fc.Arbitrary<Stamp> = fc
  .record({ ms: fc.constantFrom(1, 2, 1_700_000_000_000), counter: fc.nat(1), node: fc.constantFrom(...NODES) })
  .map(formatStamp);

/** Anything a register may hold. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__"), tie("value"), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
})).value;

const anyRegister: fc.Arbitrary<Register> = fc
  .tuple(anyStamp, fc.oneof(fc.constantFrom<Value[]>(0, 1, "a", "b"), anyValue))
  .map(([stamp, value]) => ({ stamp, value: encodeValue(value) }));

const anyMembership: fc.Arbitrary<Membership> = fc
  .tuple(anyStamp, fc.boolean())
  .map(([stamp, present]) => ({ stamp, present }));

function anyMap<T>(names: fc.Arbitrary<string>, entries: fc.Arbitrary<T>, minLength = 0): fc.Arbitrary<Map<string, T>> {
  return fc.array(fc.tuple(names, entries), { minLength, maxLength: 4 }).map((pairs) => new Map(pairs));
}

/** Any copy of one and the same record: live or a tombstone, with names that are fields here and sets there. */
export const anyRecord: fc.Arbitrary<RecordState> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        anyMap(fc.constantFrom("name", "email", "zones", "from_a_later_version"), anyRegister),
        anyMap(
          fc.constantFrom("roles", "groups", "zones"),
          anyMap(fc.constantFrom("a", "b", "é", "", "!x"), anyMembership, 1),
        ),
      )
      .map(([fields, sets]) => ({ kind: "user", id: "u1", fields, sets }))
      .filter(({ fields, sets }) => fields.size + sets.size > 0)
      .chain((state) => fc.oneof(fc.constant(state), anyStamp.map((birth) => withBirth(state, birth)))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyStamp, anyStamp).map(([deletedAt, birth]) =>
      tombstone({ kind: "user", id: "u1" }, deletedAt, birth)
    ),
  },
);
