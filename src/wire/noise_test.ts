import assert from "node:assert/strict";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { TAG_BYTES } from "./cipher.ts";
import { NoiseCipher, NoiseHandshake, type NoiseRole, NonceExhaustedError } from "./noise.ts";

/** The vector for this protocol in `vectors/cacophony.txt` of haskell-cryptography/cacophony, as snow tests it too. */
const VECTOR = {
  prologue: "4a6f686e2047616c74",
  psk: "54686973206973206d7920417573747269616e20706572737065637469766521",
  initiatorSecret: "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
  responderSecret: "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
  handshakeHash: "f4d03dc34495c95729ea6de9e1b59004b59733102488b3e24bc441e0be208eaf",
  messages: [
    [
      "4c756477696720766f6e204d69736573",
      "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944" +
      "79b962b8aff8485742ac32f905ba45369e2465fb59e138a93d67a0d1266b6a54",
    ],
    [
      "4d757272617920526f746862617264",
      "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843" +
      "d6062704d5a9c422a8e834423f8c1feada7e8d0d910a1a2cd030fb584221e3",
    ],
    ["462e20412e20486179656b", "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f"],
    ["4361726c204d656e676572", "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e"],
    ["4a65616e2d426170746973746520536179", "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8"],
    [
      "457567656e2042f6686d20766f6e2042617765726b",
      "0c01dc9cec1fe4ddd692e8dd32188aa351088dc91183639a53b57aa4692b5ebdef8b8ca111",
    ],
  ],
};

function handshake(role: NoiseRole, { psk = VECTOR.psk, prologue = VECTOR.prologue } = {}): NoiseHandshake {
  const secret = role === "initiator" ? VECTOR.initiatorSecret : VECTOR.responderSecret;
  return new NoiseHandshake({
    role,
    psk: hexToBytes(psk),
    prologue: hexToBytes(prologue),
    entropy: () => hexToBytes(secret),
  });
}

function seal(cipher: NoiseCipher, plaintext: Uint8Array): Uint8Array {
  const box = new Uint8Array(plaintext.length + TAG_BYTES);
  cipher.seal(plaintext, box);
  return box;
}

Deno.test("the handshake and the messages after it are those of the published vector", () => {
  const [initiator, responder] = [handshake("initiator"), handshake("responder")];
  const [first, second, ...later] = VECTOR.messages.map((pair) => pair.map(hexToBytes));
  assert.deepEqual(initiator.write(first[0]), first[1]);
  assert.deepEqual(responder.read(first[1]), first[0]);
  assert.deepEqual(responder.write(second[0]), second[1]);
  assert.deepEqual(initiator.read(second[1]), second[0]);
  const [ours, theirs] = [initiator.split(), responder.split()];
  assert.equal(bytesToHex(ours.handshakeHash), VECTOR.handshakeHash);
  assert.equal(bytesToHex(theirs.handshakeHash), VECTOR.handshakeHash);
  later.forEach(([payload, ciphertext], at) => {
    const [sender, receiver] = at % 2 === 0 ? [ours, theirs] : [theirs, ours];
    assert.deepEqual(seal(sender.send, payload), ciphertext);
    assert.deepEqual(receiver.receive.open(ciphertext), payload);
  });
});

Deno.test("another pre-shared key or another prologue does not pass", () => {
  const first = handshake("initiator").write();
  assert.equal(handshake("responder", { psk: "00".repeat(32) }).read(first), undefined);
  assert.equal(handshake("responder", { prologue: "00" }).read(first), undefined);
  assert.deepEqual(handshake("responder").read(first), new Uint8Array());
});

Deno.test("no bit of a handshake message can be changed", () => {
  const initiator = handshake("initiator");
  const first = initiator.write(utf8ToBytes("hi"));
  for (let bit = 0; bit < first.length * 8; bit++) {
    const changed = first.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    assert.equal(handshake("responder").read(changed), undefined, `bit ${bit}`);
  }
  assert.equal(handshake("responder").read(first.subarray(0, 40)), undefined);
});

Deno.test("a key that makes no secret is refused", () => {
  const initiator = handshake("initiator");
  initiator.write();
  assert.equal(initiator.read(new Uint8Array(48)), undefined);
});

Deno.test("messages open once, in order", () => {
  const key = new Uint8Array(32).fill(7);
  const [sender, receiver] = [new NoiseCipher(key), new NoiseCipher(key)];
  const boxes = ["one", "two"].map((words) => seal(sender, utf8ToBytes(words)));
  assert.equal(receiver.open(boxes[1]), undefined);
  assert.deepEqual(receiver.open(boxes[0]), utf8ToBytes("one"));
  assert.equal(receiver.open(boxes[0]), undefined);
  assert.deepEqual(receiver.open(boxes[1]), utf8ToBytes("two"));
});

Deno.test("a key is not used for more messages than it allows", () => {
  const key = new Uint8Array(32).fill(7);
  const [sender, receiver] = [new NoiseCipher(key, 2), new NoiseCipher(key, 1)];
  const boxes = ["one", "two"].map((words) => seal(sender, utf8ToBytes(words)));
  assert.throws(() => seal(sender, utf8ToBytes("three")), NonceExhaustedError);
  assert.ok(receiver.open(boxes[0]));
  assert.equal(receiver.open(boxes[1]), undefined);
});
