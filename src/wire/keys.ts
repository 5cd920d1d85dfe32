import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { assert } from "../base/mod.ts";
import { hkdf } from "./hkdf.ts";

/** Bytes of every symmetric key here: ChaCha20-Poly1305 and HMAC-SHA256 both take 32. */
export const KEY_BYTES = 32;
/** Bytes of a key id: enough to tell the few keys of one network apart, too few to help in guessing the key. */
export const KEY_ID_BYTES = 4;

/** What becomes of one configured cluster key. Each purpose has its own key, so that none can be played against another. */
export interface ClusterKeys {
  /** {@link KEY_ID_BYTES} bytes, sent in clear: tells another key from garbage. */
  readonly id: Uint8Array;
  /** The same as hex digits, for log lines. */
  readonly idHex: string;
  /** Source of each process's packet keys. */
  readonly datagram: Uint8Array;
  /** Pre-shared key of the Noise handshake on streams. */
  readonly stream: Uint8Array;
  /** Answers the challenge before a websocket is opened. */
  readonly admission: Uint8Array;
}

/**
 * The keys of a cluster: the first one seals, all of them open. A key is changed without a gap by adding the new one last
 * everywhere, then moving it first everywhere, then dropping the old one.
 */
export type KeyRing = readonly [ClusterKeys, ...ClusterKeys[]];

const SALT = utf8ToBytes("knot cluster key v1");

/**
 * Stretches the configured key with HKDF-SHA256 (RFC 5869) into separate keys. The configured key must be random
 * (`knot genkey`): nothing here makes a guessable one safe.
 *
 * @param clusterKey `server.cluster.key`, never empty
 */
export function deriveKeys(clusterKey: string): ClusterKeys {
  assert(clusterKey !== "", "Cannot derive cluster keys: the cluster key is empty");
  const secret = utf8ToBytes(clusterKey);
  const derive = (purpose: string, length: number) => hkdf(secret, { salt: SALT, info: utf8ToBytes(purpose), length });
  const id = derive("key id", KEY_ID_BYTES);
  return {
    id,
    idHex: bytesToHex(id),
    datagram: derive("datagram", KEY_BYTES),
    stream: derive("stream", KEY_BYTES),
    admission: derive("admission", KEY_BYTES),
  };
}

/** The keys of `ring` with this id; undefined when the sender has another key. */
export function keysById(ring: KeyRing, id: Uint8Array): ClusterKeys | undefined {
  return ring.find((keys) => keys.id.every((byte, at) => byte === id[at]));
}

/** One clause for a log line: whose key differs, and the way out. */
export function describeOtherKey(ring: KeyRing, id: Uint8Array): string {
  return `its cluster key has id ${bytesToHex(id)}, ours ${ring[0].idHex}: ` +
    'set the same "server.cluster.key" on all servers';
}
