import assert from "node:assert/strict";
import { decode as decodeCbor } from "cbor-x/decode";
import { encode as encodeCbor } from "cbor-x/encode";
import fc from "fast-check";
import { seededRandom } from "../base/mod.ts";
import type { Envelope, MemberUpdate, Message, Status } from "../cluster/mod.ts";
import { kindDefinition } from "../records/mod.ts";
import { decodeEnvelope, encodeEnvelope, measureEnvelope, measureUpdate } from "./codec.ts";
import { LIST_ENTRIES_MAX, RECORDS_MAX, ROOTS_MAX, TEXT_BYTES_MAX, UPDATES_MAX } from "./limits.ts";
import { CODEC_BY_KIND } from "./message_codecs.ts";
import { WireFormatError } from "./wire_format_error.ts";

const NODE = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER = "01890a5d-ac96-774b-bcce-b302099a8058";
const KINDS = ["api_token", "group", "role", "session", "template", "template_variable", "user"];

const id = fc.oneof(fc.uuid(), fc.string({ maxLength: 40 }), fc.uuid().map((uuid) => uuid.toUpperCase()));
const fingerprint = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16).padStart(16, "0")),
  fc.string({ maxLength: 20 }),
);
const kind = fc.oneof(fc.constantFrom(...KINDS), fc.string({ maxLength: 20 }));
const unsigned = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const facts = fc.record({
  address: text,
  zone: text,
  hostname: text,
  version: text,
  apiEndpoint: text,
  bootId: fingerprint,
  startedAtMs: fc.maxSafeInteger(),
  protocolMin: unsigned,
  protocolMax: unsigned,
  lineage: id,
  saidAt: unsigned,
});
const update: fc.Arbitrary<MemberUpdate> = fc.record({
  id,
  incarnation: unsigned,
  state: fc.constantFrom("alive", "suspect", "dead", "leaving", "left"),
  by: id,
  facts,
}, { requiredKeys: ["id", "incarnation", "state"] });
const updates = fc.array(update, { maxLength: 5 });
const status: fc.Arbitrary<Status> = fc.record({
  incarnation: unsigned,
  membersFingerprint: fingerprint,
  roots: fc.array(fc.tuple(kind, fingerprint), { maxLength: 10 }),
  recordCount: unsigned,
  wallMs: fc.maxSafeInteger(),
});
const key = fc.tuple(kind, id);
const keyOrNull = fc.option(key, { nil: null });
const records = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 });
const sequence = unsigned;
const messageByKind: { [K in Message["kind"]]: fc.Arbitrary<Message> } = {
  ping: fc.record({ kind: fc.constant("ping"), sequence, target: id, status, updates }),
  ack: fc.record({ kind: fc.constant("ack"), sequence, status, updates }),
  ping_req: fc.record({ kind: fc.constant("ping_req"), sequence, target: id, address: text, updates }),
  relayed_ack: fc.record({ kind: fc.constant("relayed_ack"), sequence, target: id }),
  nack: fc.record({ kind: fc.constant("nack"), sequence, target: id }),
  gossip: fc.record({ kind: fc.constant("gossip"), updates }),
  members: fc.record({ kind: fc.constant("members"), members: updates, status, answer: fc.boolean() }),
  opinions_req: fc.record({ kind: fc.constant("opinions_req"), request: unsigned }),
  opinions: fc.record({
    kind: fc.constant("opinions"),
    request: unsigned,
    opinions: fc.array(
      fc.record({
        id,
        state: fc.constantFrom("alive", "suspect", "dead", "leaving"),
        path: fc.constantFrom("packets", "stream", "relayed", undefined),
        roundTripMs: fc.constantFrom(undefined, 0, 0.4, 12.5, 600),
        silentMs: fc.option(fc.nat(), { nil: undefined }),
      }),
      { maxLength: 5 },
    ),
  }),
  push: fc.record({ kind: fc.constant("push"), sequence, lineage: id, passOn: fc.boolean(), records }),
  push_ack: fc.record({ kind: fc.constant("push_ack"), sequence }),
  list: fc.record({
    kind: fc.constant("list"),
    lineage: id,
    session: unsigned,
    after: keyOrNull,
    upTo: keyOrNull,
    entries: fc.array(fc.tuple(kind, id, fingerprint), { maxLength: 20 }),
  }),
  want: fc.record({
    kind: fc.constant("want"),
    lineage: id,
    session: unsigned,
    upTo: keyOrNull,
    keys: fc.array(key, { maxLength: 20 }),
  }),
  records: fc.record({ kind: fc.constant("records"), lineage: id, records }),
};
const envelope: fc.Arbitrary<Envelope> = fc.record({ from: id, message: fc.oneof(...Object.values(messageByKind)) })
  .map((generated) => structuredClone(generated)); // Generated objects have no prototype.

const plainStatus: Status = {
  incarnation: 3,
  membersFingerprint: "00112233445566ff",
  roots: KINDS.map((name) => [name, "fedcba9876543210"]),
  recordCount: 10_000,
  wallMs: 1_780_000_000_000,
};
const ping: Extract<Message, { kind: "ping" }> = {
  kind: "ping",
  sequence: 70_000,
  target: OTHER,
  status: plainStatus,
  updates: [],
};

/** Decodes and says what came of it; anything but the documented error is a failure of the test. */
function outcome(bytes: Uint8Array): Envelope | WireFormatError {
  try {
    return decodeEnvelope(bytes);
  } catch (error) {
    assert.ok(error instanceof WireFormatError, `threw ${error}`);
    return error;
  }
}

function reasonOf(bytes: Uint8Array): string {
  const found = outcome(bytes);
  assert.ok(found instanceof WireFormatError, "was read");
  return found.reason;
}

Deno.test("every envelope comes back as it was", () => {
  fc.assert(fc.property(envelope, (sent) => assert.deepEqual(decodeEnvelope(encodeEnvelope(sent)), sent)));
});

Deno.test("an envelope is CBOR that an independent decoder reads, tag and sender first", () => {
  fc.assert(fc.property(envelope, (sent) => {
    const items = decodeCbor(encodeEnvelope(sent)) as unknown[];
    assert.equal(items[0], CODEC_BY_KIND[sent.message.kind].tag);
    assert.equal(items.length, 2 + CODEC_BY_KIND[sent.message.kind].items);
  }));
});

Deno.test("a ping with seven roots and no updates takes at most 150 bytes", () => {
  assert.ok(encodeEnvelope({ from: NODE, message: ping }).length <= 150);
});

Deno.test("measuring agrees with encoding", () => {
  fc.assert(fc.property(fc.array(update, { minLength: 1, maxLength: 20 }), envelope, (many, sent) => {
    const size = (list: MemberUpdate[]) =>
      encodeEnvelope({ from: NODE, message: { kind: "gossip", updates: list } }).length;
    const sum = many.reduce((total, one) => total + measureUpdate(one), 0);
    assert.equal(size(many), size([]) + sum);
    assert.equal(measureEnvelope(sent), encodeEnvelope(sent).length);
  }));
});

Deno.test("decodeEnvelope() skips what a newer version appended, whatever its form", () => {
  fc.assert(fc.property(envelope, fc.anything({ withBigInt: false, withDate: false }), (sent, extra) => {
    let appended: Uint8Array;
    try {
      appended = encodeCbor([1, "x", { deep: [extra] }, 1.5, new Uint8Array(30), null]);
    } catch {
      return; // Not everything has a form in CBOR.
    }
    const bytes = encodeEnvelope(sent);
    const longer = new Uint8Array(bytes.length + appended.length);
    longer.set(bytes);
    longer.set(appended, bytes.length);
    longer[0] += 1; // One more item in the outer array, which has fewer than 24.
    assert.deepEqual(decodeEnvelope(longer), sent);
  }));
});

Deno.test("decodeEnvelope() skips what a newer version appended to an update, a status and facts", () => {
  const statusItems = [3, "m", [0, "r"], 5, 6, "more"];
  const factsItems = ["a", "z", "h", "v", "e", "b", 1, 1, 1, "l", 7, true, ["more"]];
  const bytes = encodeCbor([1, "from", 9, "target", statusItems, [["id", 1, 0, null, factsItems, "more"]], "more"]);
  const { message } = decodeEnvelope(bytes);
  assert.ok(message.kind === "ping");
  assert.deepEqual(message.status.roots, [["user", "r"]]);
  assert.equal(message.updates[0].facts?.lineage, "l");
  assert.equal(message.updates[0].facts?.copying, true);
});

Deno.test("decodeEnvelope() tells a kind of a newer version from nonsense", () => {
  assert.equal(reasonOf(encodeCbor([99, "from", "what this is nobody knows"])), "unknown_kind");
  assert.equal(reasonOf(encodeCbor(["ping", "from"])), "malformed");
  assert.equal(reasonOf(encodeCbor([9])), "malformed");
  assert.equal(reasonOf(encodeCbor([9, "from"])), "malformed");
  assert.equal(reasonOf(new Uint8Array()), "malformed");
});

Deno.test("decodeEnvelope() refuses bytes after the end", () => {
  const bytes = encodeEnvelope({ from: NODE, message: { kind: "push_ack", sequence: 1 } });
  assert.equal(reasonOf(Uint8Array.of(...bytes, 0)), "malformed");
});

Deno.test("decodeEnvelope() refuses lists and texts over their limits", () => {
  const gossip = (count: number) => encodeCbor([6, "from", Array.from({ length: count }, () => ["id", 1, 0])]);
  assert.ok(!(outcome(gossip(UPDATES_MAX)) instanceof WireFormatError));
  assert.equal(reasonOf(gossip(UPDATES_MAX + 1)), "too_large");
  const entries = Array.from({ length: 3 * (LIST_ENTRIES_MAX + 1) }, () => "x");
  assert.equal(reasonOf(encodeCbor([10, "from", "lineage", 1, null, null, entries])), "too_large");
  const many = Array.from({ length: RECORDS_MAX + 1 }, () => new Uint8Array(1));
  assert.equal(reasonOf(encodeCbor([12, "from", "lineage", many])), "too_large");
  assert.equal(reasonOf(encodeCbor([9, "x".repeat(TEXT_BYTES_MAX + 1), 1])), "too_large");
  assert.equal(reasonOf(encodeCbor([10, "from", "lineage", 1, null, null, ["user", "id"]])), "malformed");
});

Deno.test("encodeEnvelope() leaves out kinds over the limit, and refuses what no peer could read", () => {
  const roots = Array.from({ length: ROOTS_MAX + 5 }, (_, at) => [`kind ${at}`, "x"] as const);
  const { message } = decodeEnvelope(
    encodeEnvelope({ from: NODE, message: { ...ping, status: { ...plainStatus, roots } } }),
  );
  assert.ok(message.kind === "ping");
  assert.deepEqual(message.status.roots, roots.slice(0, ROOTS_MAX));
  const asking = (length: number): Envelope => {
    const address = "x".repeat(length);
    return { from: NODE, message: { kind: "ping_req", sequence: 1, target: OTHER, address, updates: [] } };
  };
  assert.deepEqual(
    decodeEnvelope(encodeEnvelope(asking(TEXT_BYTES_MAX))),
    asking(TEXT_BYTES_MAX),
    "it can be passed on",
  );
  assert.throws(() => encodeEnvelope(asking(TEXT_BYTES_MAX + 1)), /Cannot encode text of 1025 bytes/);
});

Deno.test("decodeEnvelope() takes no memory on the word of a length", () => {
  const lengths = [
    [0x9b, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x83, 0x0c, 0x41, 0, 0x9a, 0x7f, 0xff, 0xff, 0xff],
    [0x83, 0x09, 0x7a, 0x7f, 0xff, 0xff, 0xff],
    [0x83, 0x09, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x9f, 0x09, 0x60, 0x01, 0xff],
  ];
  for (const bytes of lengths) reasonOf(Uint8Array.from(bytes));
});

Deno.test("decodeEnvelope() does not recurse into deep nesting", () => {
  const start = [0x84, 0x09, 0x60, 0x01];
  const deep = new Uint8Array(1_000_000).fill(0x81);
  deep.set(start);
  deep[deep.length - 1] = 0;
  assert.deepEqual(decodeEnvelope(deep).message, { kind: "push_ack", sequence: 1 });
});

Deno.test("decodeEnvelope() throws nothing but its error on random bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(bytes)), { numRuns: 1000 });
});

Deno.test("decodeEnvelope() throws nothing but its error on changed and shortened messages", () => {
  const random = seededRandom(7);
  fc.assert(fc.property(envelope, (sent) => {
    const bytes = encodeEnvelope(sent);
    for (let round = 0; round < 20; round++) {
      const changed = bytes.slice();
      for (let flips = 1 + random.below(3); flips > 0; flips--) {
        changed[random.below(changed.length)] ^= 1 << random.below(8);
      }
      outcome(changed);
      reasonOf(bytes.subarray(0, random.below(bytes.length)));
    }
  }));
});

Deno.test("records are copies, so that a small one does not keep a large message in memory", () => {
  const record = Uint8Array.of(1, 2, 3);
  const message: Message = { kind: "records", lineage: NODE, records: [record, new Uint8Array(100_000)] };
  const decoded = decodeEnvelope(encodeEnvelope({ from: NODE, message })).message;
  assert.ok(decoded.kind === "records");
  assert.equal(decoded.records[0].buffer.byteLength, 3);
});

Deno.test("every kind that has a number on the wire is one of ours", () => {
  const sent: Message = { kind: "want", lineage: "", session: 1, upTo: null, keys: KINDS.map((name) => [name, "x"]) };
  const items = decodeCbor(encodeEnvelope({ from: NODE, message: sent })) as [
    number,
    string,
    string,
    number,
    null,
    unknown[],
  ];
  const codes = items[5].filter((_, at) => at % 2 === 0);
  assert.deepEqual(codes, [6, 2, 1, 5, 3, 4, 0], "the numbers are final");
  for (const name of KINDS) assert.ok(kindDefinition(name) !== undefined, name);
});
