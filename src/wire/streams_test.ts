import assert from "node:assert/strict";
import { equalBytes } from "@noble/ciphers/utils.js";
import { concatBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { type Random, seededRandom } from "../base/mod.ts";
import { deriveKeys, type KeyRing } from "./keys.ts";
import { NonceExhaustedError } from "./noise.ts";
import { PREAMBLE_BYTES } from "./preamble.ts";
import { type ReceivedChunk, type StreamLimits, StreamSession } from "./streams.ts";

const KEYS = deriveKeys("NDJuIFxrRbWLp6tKhVzyqNs5H5fCK1Cl");
const OTHER_KEYS = deriveKeys("another key of thirty-two letters");
const BOOT = { initiator: "00112233445566aa", responder: "00112233445566bb" };

interface SessionOptions {
  readonly keys?: KeyRing;
  readonly bootId?: string;
  readonly compression?: boolean;
  readonly limits?: Partial<StreamLimits>;
  readonly seed?: number;
}

function session(role: "initiator" | "responder", options: SessionOptions = {}): StreamSession {
  const random = seededRandom(options.seed ?? (role === "initiator" ? 1 : 2));
  return new StreamSession({
    role,
    keys: [KEYS],
    bootId: BOOT[role],
    compression: true,
    ...options,
    entropy: (length) => Uint8Array.from({ length }, () => random.below(256)),
  });
}

/** Hands `bytes` over in chunks of random size and joins what comes of them. */
function receiveInChunks(to: StreamSession, bytes: Uint8Array, random: Random, chunkBytesMax: number): ReceivedChunk {
  const all = { write: [] as Uint8Array[], messages: [] as Uint8Array[] };
  let last: ReceivedChunk = { ...all, established: false };
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(chunkBytesMax);
    last = to.receive(bytes.subarray(at, at + size));
    all.write.push(...last.write);
    all.messages.push(...last.messages);
    at += size;
  }
  return { ...last, ...all };
}

/** Both ends after the handshake, and all that was written for it. */
function established(options: { initiator?: SessionOptions; responder?: SessionOptions } = {}) {
  const [initiator, responder] = [session("initiator", options.initiator), session("responder", options.responder)];
  const first = initiator.start()!;
  const answer = responder.receive(first);
  assert.equal(answer.established, false, "the first message may be a recording");
  const second = concatBytes(...answer.write);
  const proof = initiator.receive(second);
  assert.equal(proof.established, true);
  const third = concatBytes(...proof.write);
  assert.equal(responder.receive(third).established, true);
  return { initiator, responder, first, second, third };
}

const bytes = (words: string) => new TextEncoder().encode(words);

/** Bytes that do not compress. */
function noise(length: number, seed = 3): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}

Deno.test("both ends know that the other holds the key after three writes, before any message", () => {
  const { initiator, responder } = established();
  assert.equal(initiator.peerBootId, BOOT.responder);
  assert.equal(responder.peerBootId, BOOT.initiator);
});

Deno.test("messages of any size arrive whole and in order, however the stream is cut", () => {
  const sizes = [0, 1, 255, 256, 65_514, 65_515, 65_516, 65_520, 131_038, 200_000];
  for (const chunkBytesMax of [1_000_000, 70_000, 1_000]) {
    const { initiator, responder } = established();
    const sent = sizes.map((size) => noise(size));
    const stream = concatBytes(...sent.map((message) => initiator.seal(message)));
    const received = receiveInChunks(responder, stream, seededRandom(chunkBytesMax), chunkBytesMax);
    assert.equal(received.messages.length, sent.length);
    sent.forEach((message, at) => assert.ok(equalBytes(received.messages[at], message), `${message.length} bytes`));
    assert.deepEqual(initiator.receive(responder.seal(bytes("back"))).messages, [bytes("back")]);
  }
});

Deno.test("the handshake goes through byte by byte", () => {
  const [initiator, responder] = [session("initiator"), session("responder")];
  const answer = receiveInChunks(responder, initiator.start()!, seededRandom(1), 1);
  const proof = receiveInChunks(initiator, concatBytes(...answer.write), seededRandom(1), 1);
  const last = receiveInChunks(responder, concatBytes(...proof.write, initiator.seal(bytes("x"))), seededRandom(1), 1);
  assert.deepEqual([last.established, last.messages], [true, [bytes("x")]]);
});

Deno.test("ten megabytes in small chunks take time in proportion", () => {
  const { initiator, responder } = established();
  const message = noise(10 * 1024 * 1024);
  const stream = initiator.seal(message);
  const startedMs = performance.now();
  const messages: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += 16 * 1024) {
    messages.push(...responder.receive(stream.subarray(at, at + 16 * 1024)).messages);
  }
  assert.ok(equalBytes(messages[0], message));
  assert.ok(performance.now() - startedMs < 5_000, "quadratic copying would take minutes");
});

Deno.test("compression makes the stream smaller, and either end may have it off", () => {
  const message = bytes("all work and no play makes jack a dull boy. ".repeat(100));
  for (const [ours, theirs] of [[true, false], [false, true]]) {
    const { initiator, responder } = established({
      initiator: { compression: ours },
      responder: { compression: theirs },
    });
    const stream = initiator.seal(message);
    assert.equal(stream.length < message.length, ours);
    assert.deepEqual(responder.receive(stream).messages, [message]);
  }
});

Deno.test("nothing of a message can be read on the way", () => {
  const { initiator } = established({ initiator: { compression: false } });
  const stream = initiator.seal(bytes("a secret that nobody reads"));
  assert.ok(!new TextDecoder("latin1").decode(stream).includes("secret"));
});

Deno.test("another key is told on both sides, with both key ids", () => {
  const [initiator, responder] = [session("initiator"), session("responder", { keys: [OTHER_KEYS] })];
  const answer = responder.receive(initiator.start()!);
  assert.equal(answer.failure?.reason, "other_key");
  assert.match(answer.failure!.text, new RegExp(`id ${KEYS.idHex}, ours ${OTHER_KEYS.idHex}`));
  const heard = initiator.receive(concatBytes(...answer.write));
  assert.equal(heard.failure?.reason, "other_key");
  assert.match(heard.failure!.text, new RegExp(`id ${OTHER_KEYS.idHex}, ours ${KEYS.idHex}`));
});

Deno.test("another protocol is told on both sides", () => {
  const [initiator, responder] = [session("initiator"), session("responder")];
  const newer = initiator.start()!;
  newer[3] = 2;
  newer[4] = 3;
  const answer = responder.receive(newer);
  assert.equal(answer.failure?.reason, "other_protocol");
  assert.match(answer.failure!.text, /protocol 2 to 3, this server 1 to 1/);
  assert.equal(concatBytes(...answer.write).length, PREAMBLE_BYTES);
  const older = answer.write[0].slice();
  older[3] = older[4] = 9;
  assert.equal(initiator.receive(older).failure?.reason, "other_protocol");
});

Deno.test("a stream to ourselves is noticed", () => {
  const [initiator, responder] = [session("initiator"), session("responder", { bootId: BOOT.initiator })];
  const answer = responder.receive(initiator.start()!);
  assert.equal(answer.failure?.reason, "own");
  assert.equal(initiator.receive(answer.write[0]).failure?.reason, "own");
});

Deno.test("garbage is refused at its first bytes, and gets no answer", () => {
  for (const words of ["GET / HTTP/1.1\r\n", "\x16\x03\x01", "k", "knx"]) {
    const taken = session("responder").receive(bytes(words));
    const isStart = "kn\x02".startsWith(words);
    assert.equal(taken.failure?.reason, isStart ? undefined : "garbage", words);
    assert.deepEqual([taken.write, taken.established], [[], false]);
  }
});

Deno.test("a stranger cannot announce more than a handshake", () => {
  const start = session("initiator").start()!;
  for (const length of [0, 47, 49, 65_535]) {
    const bad = start.slice(0, PREAMBLE_BYTES + 2);
    new DataView(bad.buffer).setUint16(PREAMBLE_BYTES, length);
    assert.equal(session("responder").receive(bad).failure?.reason, "garbage", `${length}`);
  }
});

Deno.test("after a failure nothing more is taken, and the failure stays", () => {
  const responder = session("responder");
  assert.equal(responder.receive(bytes("garbage")).failure?.reason, "garbage");
  const taken = responder.receive(session("initiator").start()!);
  assert.deepEqual([taken.failure?.reason, taken.write, taken.established], ["garbage", [], false]);
});

Deno.test("a recorded conversation establishes nothing", () => {
  const { first, third } = established();
  const responder = session("responder", { seed: 9 });
  assert.equal(responder.receive(first).failure, undefined);
  const taken = responder.receive(third);
  assert.deepEqual([taken.established, taken.failure?.reason], [false, "forged"]);
});

Deno.test("no bit of the handshake can be changed, on either side", () => {
  const { second, third } = established();
  const first = session("initiator").start()!;
  for (let bit = 0; bit < first.length * 8; bit++) {
    const changed = flipped(first, bit);
    const answer = session("responder").receive(changed);
    if (answer.failure) continue;
    assert.ok(bit < (PREAMBLE_BYTES + 2) * 8, `bit ${bit} was authenticated`); // Nothing follows, so nothing is proved.
    assert.deepEqual(answer.write, []);
  }
  for (let bit = 0; bit < second.length * 8; bit++) {
    const initiator = session("initiator");
    initiator.start();
    assert.equal(initiator.receive(flipped(second, bit)).established, false, `bit ${bit} of the answer`);
  }
  for (let bit = 0; bit < third.length * 8; bit++) {
    const responder = session("responder");
    responder.receive(first);
    assert.equal(responder.receive(flipped(third, bit)).established, false, `bit ${bit} of the proof`);
  }
});

Deno.test("a changed, repeated or left out frame fails the stream", () => {
  const frames = (sender: StreamSession) => [sender.seal(bytes("one")), sender.seal(bytes("two"))];
  const { initiator, responder } = established();
  const [one, two] = frames(initiator);
  assert.equal(responder.receive(flipped(one, 8 * 5)).failure?.reason, "forged");
  const other = established();
  const [first] = frames(other.initiator);
  assert.deepEqual(other.responder.receive(first).messages, [bytes("one")]);
  assert.equal(other.responder.receive(first).failure?.reason, "forged");
  const third = established();
  frames(third.initiator);
  assert.equal(third.responder.receive(two).failure?.reason, "forged");
});

Deno.test("what came before a failure in one chunk is still given out", () => {
  const { initiator, responder } = established();
  const chunk = concatBytes(initiator.seal(bytes("good")), flipped(initiator.seal(bytes("bad")), 100));
  const taken = responder.receive(chunk);
  assert.deepEqual([taken.messages, taken.failure?.reason], [[bytes("good")], "forged"]);
});

Deno.test("a message over the limit is refused at its announcement", () => {
  const { initiator, responder } = established({ responder: { limits: { messageBytesMax: 1000 } } });
  assert.deepEqual(responder.receive(initiator.seal(noise(1000))).messages.length, 1);
  const start = initiator.seal(noise(100_000)).subarray(0, 65_537);
  assert.equal(responder.receive(start).failure?.reason, "too_large");
  const other = established({ responder: { limits: { messageBytesMax: 1000 } } });
  const small = other.initiator.seal(new Uint8Array(60_000).map((_, at) => at % 100));
  assert.ok(small.length < 1000, "compressed, it would pass");
  assert.equal(other.responder.receive(small).failure?.reason, "too_large");
  assert.throws(() => responder.seal(noise(1001)), /Cannot seal message/);
});

Deno.test("a stream that used up its frames says so, and the other end stops too", () => {
  const { initiator, responder } = established({ initiator: { limits: { framesMax: 3 } } });
  assert.equal(responder.receive(initiator.seal(bytes("one"))).messages.length, 1);
  assert.equal(responder.receive(initiator.seal(bytes("two"))).messages.length, 1);
  assert.throws(() => initiator.seal(bytes("three")), NonceExhaustedError);
});

Deno.test("nothing is sealed before the other end has proved the key", () => {
  const [initiator, responder] = [session("initiator"), session("responder")];
  assert.throws(() => initiator.seal(bytes("x")), /not established/);
  responder.receive(initiator.start()!);
  assert.throws(() => responder.seal(bytes("x")), /not established/);
});

Deno.test("a key is changed without a gap on streams too", () => {
  const stages: KeyRing[] = [[KEYS], [KEYS, OTHER_KEYS], [OTHER_KEYS, KEYS], [OTHER_KEYS]];
  for (let stage = 0; stage + 1 < stages.length; stage++) {
    established({ initiator: { keys: stages[stage] }, responder: { keys: stages[stage + 1] } });
    established({ initiator: { keys: stages[stage + 1] }, responder: { keys: stages[stage] } });
  }
});

Deno.test("receive() never throws, whatever comes and whenever", () => {
  const { initiator: sender, second } = established();
  const message = sender.seal(bytes("x".repeat(300)));
  const flips = fc.array(fc.nat(5000), { maxLength: 3 });
  const phases = fc.constantFrom("start", "handshake", "open");
  fc.assert(fc.property(phases, fc.uint8Array({ maxLength: 300 }), flips, (phase, random, bits) => {
    const [initiator, responder] = [session("initiator"), session("responder")];
    const first = initiator.start()!;
    if (phase === "handshake") responder.receive(first.subarray(0, PREAMBLE_BYTES));
    if (phase === "open") responder.receive(first);
    const changed = (good: Uint8Array) => bits.reduce((bytes, bit) => flipped(bytes, bit % (8 * bytes.length)), good);
    assert.equal(responder.receive(random).established, false);
    responder.receive(changed(first));
    initiator.receive(changed(second));
    initiator.receive(changed(message));
    initiator.receive(random);
  }));
});

function flipped(good: Uint8Array, bit: number): Uint8Array {
  const changed = good.slice();
  changed[bit >> 3] ^= 1 << (bit & 7);
  return changed;
}
