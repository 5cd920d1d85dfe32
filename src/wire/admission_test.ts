import assert from "node:assert/strict";
import fc from "fast-check";
import { seededRandom, systemEntropy } from "../base/mod.ts";
import { CHALLENGE_MS_MAX, ClusterAdmission } from "./admission.ts";
import { deriveKeys, type KeyRing } from "./keys.ts";

const KEYS = deriveKeys("NDJuIFxrRbWLp6tKhVzyqNs5H5fCK1Cl");
const OTHER_KEYS = deriveKeys("another key of thirty-two letters");

const time = { nowMs: 1_780_000_000_000 };

function admission(keys: KeyRing = [KEYS]): ClusterAdmission {
  return new ClusterAdmission({ keys, entropy: systemEntropy, now: () => time.nowMs });
}

Deno.test("a peer with the key is accepted, and may try again while the challenge is open", () => {
  const server = admission();
  const response = admission().respond(server.challenge());
  assert.equal(server.check(response), "accepted");
  time.nowMs += CHALLENGE_MS_MAX;
  assert.equal(server.check(response), "accepted");
  time.nowMs += 1;
  assert.equal(server.check(response), "expired");
});

Deno.test("a peer with another key is told apart from garbage", () => {
  const server = admission();
  const challenge = server.challenge();
  assert.equal(server.check(admission([OTHER_KEYS]).respond(challenge)), "other_key");
  for (
    const words of ["", ".", "...", challenge, `${challenge}.`, `${challenge}.abc`, "x".repeat(10_000), "\ud800.\0"]
  ) {
    assert.equal(server.check(words), "garbage", words.slice(0, 80));
  }
});

Deno.test("challenge and response are HTTP tokens, short enough for a header", () => {
  const challenge = admission().challenge();
  const response = admission().respond(challenge);
  for (const token of [challenge, response]) assert.match(token, /^[A-Za-z0-9._-]{1,512}$/);
});

Deno.test("what was answered to one server is worthless at another, and after its restart", () => {
  const response = admission().respond(admission().challenge());
  assert.equal(admission().check(response), "expired");
});

Deno.test("challenges do not repeat", () => {
  const server = admission();
  assert.equal(new Set(Array.from({ length: 100 }, () => server.challenge())).size, 100);
});

Deno.test("no character of a response can be changed", () => {
  const server = admission();
  const response = admission().respond(server.challenge());
  const random = seededRandom(5);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (let at = 0; at < response.length; at++) {
    const letter = letters[random.below(letters.length)];
    if (letter === response[at]) continue;
    const changed = response.slice(0, at) + letter + response.slice(at + 1);
    assert.notEqual(server.check(changed), "accepted", `at ${at}`);
    assert.notEqual(server.check(response.slice(0, at)), "accepted", `cut at ${at}`);
  }
  assert.notEqual(server.check(response + "A"), "accepted");
  assert.notEqual(server.check(response + ".A"), "accepted");
});

Deno.test("a key is changed without a gap on admission too", () => {
  const server = admission([KEYS, OTHER_KEYS]);
  const challenge = server.challenge();
  for (const keys of [KEYS, OTHER_KEYS]) assert.equal(server.check(admission([keys]).respond(challenge)), "accepted");
});

Deno.test("check() and respond() never throw", () => {
  const server = admission();
  fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: "binary" })), (words) => {
    assert.equal(server.check(words), "garbage");
    server.check(server.respond(words));
  }));
});
