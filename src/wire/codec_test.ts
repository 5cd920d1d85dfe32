import assert from "node:assert/strict";
import { decode as decodeCbor } from "cbor-x/decode";
import { encode as encodeCbor, Encoder } from "cbor-x/encode";
import fc from "fast-check";
import { seededRandom } from "../base/mod.ts";
import type { Envelope, MemberUpdate, Message, Span, Status } from "../cluster/mod.ts";
import { kindDefinition } from "../records/mod.ts";
import { decodeEnvelope, encodeEnvelope, measureEnvelope, measureUpdate } from "./codec.ts";
import { LISTED_MAX, RECORDS_MAX, ROOTS_MAX, SPANS_MAX, TEXT_BYTES_MAX, UPDATES_MAX } from "./limits.ts";
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
  copying: fc.constant(true as const),
}, {
  requiredKeys: [
    ...["address", "zone", "hostname", "version", "apiEndpoint", "bootId"] as const,
    ...["startedAtMs", "protocolMin", "protocolMax", "lineage", "saidAt"] as const,
  ],
});
const update: fc.Arbitrary<MemberUpdate> = fc.record({
  id,
  incarnation: unsigned,
  state: fc.constantFrom("alive", "suspect", "dead", "leaving", "left"),
  by: id,
  facts,
}, { requiredKeys: ["id", "incarnation", "state"] });
const updates = fc.array(update, { maxLength: 5 });
const reading = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((number) => number.toString(16).padStart(16, "0"));
const status: fc.Arbitrary<Status> = fc.record({
  incarnation: unsigned,
  membersFingerprint: fingerprint,
  roots: fc.array(fc.tuple(kind, fingerprint), { maxLength: 10 }),
  recordCount: unsigned,
  wallMs: fc.maxSafeInteger(),
  floor: reading,
  horizon: reading,
  agreedSet: fc.oneof(fc.constant(""), fingerprint),
  agreedAt: reading,
  diskRefuses: fc.constant(true as const),
}, {
  requiredKeys: [
    "incarnation",
    "membersFingerprint",
    "roots",
    "recordCount",
    "wallMs",
    "floor",
    "horizon",
    "agreedSet",
    "agreedAt",
  ],
});
const records = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 });
const sequence = unsigned;
const tag = fc.oneof(fingerprint.map((text) => text.slice(0, 4)), fc.string({ maxLength: 12 }));
const mentions = (versionMax: number) =>
  fc.array(
    fc.record({
      id: fc.nat({ max: 2 ** 32 - 1 }),
      version: fc.nat({ max: versionMax }),
      stampMs: fc.nat({ max: 2 ** 48 - 1 }),
    }),
    { maxLength: 10 },
  );
/** Beginnings of UUIDs in half of the spans, any text in the others; ascending, as bounds are. */
const bound = fc.oneof(
  fc.array(fc.tuple(fc.uuid(), fc.integer({ min: 1, max: 36 })).map(([id, length]) => id.slice(0, length)), {
    maxLength: 20,
  }),
  fc.array(text, { maxLength: 8 }),
).map((bounds) => [...new Set(bounds)].filter((bound) => bound !== "").sort());
const span = (hashBits: number): fc.Arbitrary<Span> =>
  fc.tuple(kind, bound, fc.boolean(), fc.infiniteStream(fc.nat({ max: 2 ** hashBits - 1 }))).map(
    ([recordKind, bounds, isOpen, numbers]) => {
      const lower = bounds[0] ?? "";
      const uppers = [...bounds.slice(1), ...(isOpen ? [null] : [])];
      const number = () => numbers.next().value!;
      const parts = uppers.map((upper, i) =>
        i % 3 === 0
          ? { kind: "fingerprint", upper, fingerprint: number() & 0xffff } as const
          : i % 3 === 1
          ? { kind: "skip", upper } as const
          : { kind: "list", upper, hashes: Array.from({ length: number() % 5 }, number) } as const
      );
      return { recordKind, lower, parts };
    },
  );
const messageByKind: { [K in Message["kind"]]: fc.Arbitrary<Message> } = {
  ping: fc.record({ kind: fc.constant("ping"), sequence, target: id, status, updates }),
  ack: fc.record({ kind: fc.constant("ack"), sequence, status, updates }),
  ping_req: fc.record({ kind: fc.constant("ping_req"), sequence, target: id, address: text, updates }),
  relayed_ack: fc.record({ kind: fc.constant("relayed_ack"), sequence, target: id }),
  nack: fc.record({ kind: fc.constant("nack"), sequence, target: id }),
  gossip: fc.record({ kind: fc.constant("gossip"), updates }),
  members: fc.record({ kind: fc.constant("members"), members: updates, status, answer: fc.boolean() }),
  opinions_req: fc.record(
    { kind: fc.constant("opinions_req"), request: unsigned, target: id },
    { requiredKeys: ["kind", "request"] },
  ),
  opinions: fc.record({
    kind: fc.constant("opinions"),
    of: id,
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
  push_ack: fc.record({ kind: fc.constant("push_ack"), sequences: fc.array(sequence, { maxLength: 256 }) }),
  recent: fc.record({ kind: fc.constant("recent"), tag, session: unsigned, mentions: mentions(2 ** 24 - 1) }),
  compare: fc.constantFrom(16, 24).chain((hashBits) =>
    fc.record({
      kind: fc.constant("compare"),
      tag,
      session: unsigned,
      first: fc.boolean(),
      whole: fc.boolean(),
      more: fc.boolean(),
      beside: fc.nat({ max: 100 }),
      hashBits: fc.constant(hashBits),
      spans: fc.array(span(hashBits), { maxLength: 3 }),
      wanted: fc.uniqueArray(fc.nat({ max: LISTED_MAX })).map((places) => places.sort((a, b) => a - b)),
      held: mentions(0),
    })
  ),
  records: fc.record({
    kind: fc.constant("records"),
    tag,
    session: unsigned,
    of: fc.nat({ max: 100 }),
    more: fc.boolean(),
    records,
  }),
  later: fc.record({ kind: fc.constant("later"), tag, session: unsigned }),
  pull: fc.record({
    kind: fc.constant("pull"),
    tag,
    pull: unsigned,
    recordKind: kind,
    from: text,
    upTo: fc.option(id.filter((id) => id !== ""), { nil: null }),
  }),
  part: fc.record({
    kind: fc.constant("part"),
    tag,
    pull: unsigned,
    next: fc.option(id.filter((id) => id !== ""), { nil: null }),
    records,
  }),
  gone: fc.record({
    kind: fc.constant("gone"),
    lineage: id,
    horizon: reading,
    known: fc.array(fc.tuple(kind, id), { maxLength: 20 }),
    unknown: fc.array(fc.tuple(kind, id), { maxLength: 20 }),
    untold: fc.array(fc.tuple(kind, id), { maxLength: 20 }),
  }),
  dispute: fc.record({ kind: fc.constant("dispute"), lineage: id }),
  recall: fc.record({ kind: fc.constant("recall"), lineage: id, bootId: fingerprint, floor: reading }),
};
const envelope: fc.Arbitrary<Envelope> = fc.record({ from: id, message: fc.oneof(...Object.values(messageByKind)) })
  .map((generated) => structuredClone(generated)); // Generated objects have no prototype.

const plainStatus: Status = {
  incarnation: 3,
  membersFingerprint: "00112233445566ff",
  roots: KINDS.map((name) => [name, "fedcba9876543210"]),
  recordCount: 10_000,
  wallMs: 1_780_000_000_000,
  floor: "019e713c5c000001",
  horizon: "019e713c5b000000",
  agreedSet: "0123456789abcdef",
  agreedAt: "019e713c5c000000",
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

Deno.test("a ping with seven roots and no updates takes at most 190 bytes", () => {
  assert.ok(encodeEnvelope({ from: NODE, message: ping }).length <= 190);
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
  const reading = "0".repeat(16);
  const statusItems = [3, "m", [0, "r"], 5, 6, reading, reading, "", reading, 3, "more"]; // Flags: ours, and a newer one.
  const factsItems = ["a", "z", "h", "v", "e", "b", 1, 1, 1, "l", 7, true, ["more"]];
  const bytes = encodeCbor([1, "from", 9, "target", statusItems, [["id", 1, 0, null, factsItems, "more"]], "more"]);
  const { message } = decodeEnvelope(bytes);
  assert.ok(message.kind === "ping");
  assert.deepEqual(message.status.roots, [["user", "r"]]);
  assert.equal(message.status.diskRefuses, true);
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
  const bytes = encodeEnvelope({ from: NODE, message: { kind: "push_ack", sequences: [1] } });
  assert.equal(reasonOf(Uint8Array.of(...bytes, 0)), "malformed");
});

Deno.test("decodeEnvelope() refuses lists and texts over their limits", () => {
  const gossip = (count: number) => encodeCbor([6, "from", Array.from({ length: count }, () => ["id", 1, 0])]);
  assert.ok(!(outcome(gossip(UPDATES_MAX)) instanceof WireFormatError));
  assert.equal(reasonOf(gossip(UPDATES_MAX + 1)), "too_large");
  const spans = Array.from({ length: 2 * (SPANS_MAX + 1) }, () => 0);
  const compare = (spans: unknown[], wanted = new Uint8Array()) => {
    return new Encoder({ tagUint8Array: false }).encode([
      16,
      "from",
      "tag",
      1,
      0,
      spans,
      wanted,
      new Uint8Array(),
    ]);
  };
  assert.equal(reasonOf(compare(spans)), "too_large");
  const many = Array.from({ length: RECORDS_MAX + 1 }, () => new Uint8Array(1));
  assert.equal(reasonOf(encodeCbor([17, "from", "tag", 1, 0, many])), "too_large");
  assert.equal(reasonOf(encodeCbor([9, "x".repeat(TEXT_BYTES_MAX + 1), 1])), "too_large");
  const one = ["user", Uint8Array.of(1, 0, 0x80, 1, 0, 0)];
  assert.ok(!(outcome(compare(one)) instanceof WireFormatError));
  assert.equal(reasonOf(compare([...one, "user"])), "malformed", "a kind without its ranges");
  assert.equal(
    reasonOf(compare(["user", Uint8Array.of(1, 0, 0x80, 2, 0, 0)])),
    "malformed",
    "a list that ends too early",
  );
  assert.equal(reasonOf(compare(["user", Uint8Array.of(1, 0, 0xc0)])), "malformed", "a part of an unknown kind");
  assert.equal(reasonOf(compare(["user", Uint8Array.of(1, 0, 0x08)])), "malformed", "a bound that takes away too much");
  assert.equal(reasonOf(compare(one, Uint8Array.of(0x80))), "malformed", "a place that does not end");
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
    [0x83, 0x11, 0x41, 0, 0x9a, 0x7f, 0xff, 0xff, 0xff],
    [0x83, 0x09, 0x7a, 0x7f, 0xff, 0xff, 0xff],
    [0x83, 0x09, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x9f, 0x09, 0x60, 0x01, 0xff],
  ];
  for (const bytes of lengths) reasonOf(Uint8Array.from(bytes));
});

Deno.test("decodeEnvelope() does not recurse into deep nesting", () => {
  const start = [0x84, 0x09, 0x60, 0x81, 0x01];
  const deep = new Uint8Array(1_000_000).fill(0x81);
  deep.set(start);
  deep[deep.length - 1] = 0;
  assert.deepEqual(decodeEnvelope(deep).message, { kind: "push_ack", sequences: [1] });
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
  const message: Message = {
    kind: "records",
    tag: "",
    session: 1,
    of: 1,
    more: false,
    records: [record, new Uint8Array(100_000)],
  };
  const decoded = decodeEnvelope(encodeEnvelope({ from: NODE, message })).message;
  assert.ok(decoded.kind === "records");
  assert.equal(decoded.records[0].buffer.byteLength, 3);
});

Deno.test("every kind that has a number on the wire is one of ours", () => {
  const codes = KINDS.map((recordKind) => {
    const sent: Message = { kind: "pull", tag: "", pull: 1, recordKind, from: "", upTo: null };
    return (decodeCbor(encodeEnvelope({ from: NODE, message: sent })) as unknown[])[4];
  });
  assert.deepEqual(codes, [6, 2, 1, 5, 3, 4, 0], "the numbers are final");
  for (const name of KINDS) assert.ok(kindDefinition(name) !== undefined, name);
});
