import assert from "node:assert/strict";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { deriveKeys, describeOtherKey, keysById } from "./keys.ts";

const CONFIGURED = "NDJuIFxrRbWLp6tKhVzyqNs5H5fCK1Cl";
const KEYS = deriveKeys(CONFIGURED);

Deno.test("the keys of a cluster are final: HKDF-SHA256 as an independent implementation makes it", () => {
  const derive = (purpose: string, length: number) =>
    hkdf(sha256, utf8ToBytes(CONFIGURED), utf8ToBytes("knot cluster key v1"), utf8ToBytes(purpose), length);
  assert.deepEqual(KEYS.id, derive("key id", 4));
  assert.deepEqual(KEYS.datagram, derive("datagram", 32));
  assert.deepEqual(KEYS.stream, derive("stream", 32));
  assert.deepEqual(KEYS.admission, derive("admission", 32));
});

Deno.test("every purpose and every cluster key has keys of its own", () => {
  const other = deriveKeys(CONFIGURED.slice(0, -1) + "m");
  const all = [KEYS, other].flatMap(({ id, datagram, stream, admission }) => [id, datagram, stream, admission]);
  assert.equal(new Set(all.map(bytesToHex)).size, all.length);
});

Deno.test("an empty cluster key is a bug of ours, never a cluster without key", () => {
  assert.throws(() => deriveKeys(""), /cluster key is empty/);
});

Deno.test("a key is found by its id, and a stranger's is named beside ours", () => {
  const other = deriveKeys("another key of thirty-two letters");
  assert.equal(keysById([KEYS, other], other.id), other);
  assert.equal(keysById([KEYS], other.id), undefined);
  assert.match(
    describeOtherKey([KEYS], other.id),
    new RegExp(`${other.idHex}, ours ${KEYS.idHex}.*server.cluster.key`),
  );
});
