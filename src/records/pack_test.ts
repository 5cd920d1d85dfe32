import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordFormatError } from "./format_error.ts";
import { ACCEPTED_LIMITS, PACKED_BYTES_MAX } from "./limits.ts";
import { packRecord } from "./pack.ts";
import { anyRecord } from "./record_arbitrary.ts";
import type { Membership, RecordState, Register } from "./record.ts";
import { formatStamp } from "./stamp.ts";
import { encodeValue } from "./value.ts";
import { unpackRecord } from "./unpack.ts";

const stamp = formatStamp({ ms: 1_700_000_000_000, counter: 3, node: "0123456789abcdef".repeat(2) });

function reversed<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].reverse());
}

Deno.test("packRecord() and unpackRecord() are inverse", () => {
  fc.assert(fc.property(anyRecord, (state) => {
    assert.deepEqual(unpackRecord(packRecord(state)), state);
  }));
});

Deno.test("packRecord() gives equal bytes for equal records, whatever the order they were made in", () => {
  fc.assert(fc.property(anyRecord, (state) => {
    const sets = new Map([...state.sets].map(([name, elements]) => [name, reversed(elements)] as const));
    assert.deepEqual(packRecord({ ...state, fields: reversed(state.fields), sets: reversed(sets) }), packRecord(state));
  }));
});

Deno.test("packRecord() keeps a user of 500 bytes below 700", () => {
  const fields = new Map<string, Register>();
  let contents = 0;
  for (const [name, value] of Object.entries(exampleUser)) {
    fields.set(name, { stamp, value: encodeValue(value) });
    contents += name.length + encodeValue(value).length;
  }
  const later = formatStamp({ ms: 1_700_000_100_000, counter: 0, node: "f".repeat(32) });
  fields.set("last_login_at", { stamp: later, value: encodeValue(1_700_000_100_000) });
  const roles = new Map<string, Membership>([["00000000-0000-0000-0000-000000000000", { stamp, present: true }]]);
  const packed = packRecord({
    kind: "user",
    id: "018bcfe5-6800-7abc-8def-0123456789ab",
    fields,
    sets: new Map([["roles", roles]]),
  });
  assert.ok(contents > 400 && contents < 500, `the example holds ${contents} bytes`);
  assert.ok(packed.length < 700, `packed to ${packed.length} bytes`);
});

const exampleUser = {
  username: "ann.example",
  email: "ann.example@example.com",
  password: "$scrypt$ln=15,r=8,p=3$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
  active: true,
  max_spaces: 10,
  compute_units: 0,
  storage_units: 0,
  max_tunnels: 5,
  ssh_public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann@example",
  github_username: "ann-example",
  preferred_shell: "bash",
  timezone: "Europe/London",
  totp_secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  service_password: "",
};

Deno.test("packRecord() refuses what unpackRecord() would not accept", () => {
  const register: Register = { stamp, value: encodeValue(1) };
  const many = (count: number) =>
    new Map(Array.from({ length: count }, (_, i) => [`e${i}`, { stamp, present: true }] as const));
  const record = (parts: Partial<RecordState>): RecordState => ({
    kind: "user",
    id: "u1",
    fields: new Map([["name", register]]),
    sets: new Map(),
    ...parts,
  });
  const large = { stamp, value: new Uint8Array(10 * 1024 * 1024) };
  const cases: Record<string, Partial<RecordState>> = {
    "kind": { kind: "User" },
    "id": { id: "a/b" },
    "expected up to 64 characters": { id: "x".repeat(65) },
    "neither fields nor sets": { fields: new Map() },
    "a tombstone holds no fields": { deletedAt: stamp },
    "as field": { fields: new Map([["__proto__", register]]) },
    "fields are 257": {
      fields: new Map(Array.from({ length: ACCEPTED_LIMITS.fieldsMax + 1 }, (_, i) => [`f${i}`, register])),
    },
    "has no elements": { sets: new Map([["roles", new Map()]]) },
    'elements in set "roles" are 10001': { sets: new Map([["roles", many(ACCEPTED_LIMITS.setElementsMax + 1)]]) },
    "not valid Unicode": { sets: new Map([["roles", new Map([["\ud800", { stamp, present: true }]])]]) },
    "bytes in an element": { sets: new Map([["roles", new Map([["é".repeat(129), { stamp, present: true }]])]]) },
    "bytes are": { fields: new Map([["a", large], ["b", large], ["c", large]]) },
  };
  for (const [message, parts] of Object.entries(cases)) {
    assert.throws(() => packRecord(record(parts)), (error) => {
      assert.ok(error instanceof RecordFormatError, `${message}: ${error}`);
      assert.ok(error.message.includes(message), `"${error.message}" tells "${message}"`);
      return true;
    });
  }
});

Deno.test("packRecord() stays within its limit for the fullest record it accepts", () => {
  const elements = new Map<string, Membership>();
  for (let i = 0; i < ACCEPTED_LIMITS.setElementsMax; i++) {
    const own = formatStamp({ ms: i, counter: 0, node: "f".repeat(32) });
    elements.set(`${i}`.padEnd(256, "x"), { stamp: own, present: false });
  }
  const sets = new Map(Array.from({ length: 8 }, (_, i) => [`s${i}`, elements] as const));
  const packed = packRecord({ kind: "user", id: "u1", fields: new Map(), sets });
  assert.ok(packed.length > 20_000_000 && packed.length <= PACKED_BYTES_MAX);
  assert.equal(unpackRecord(packed).sets.size, 8);
});
