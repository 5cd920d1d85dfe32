import { Command } from "commander";
import { type Entropy, systemEntropy } from "../base/mod.ts";
import { CLUSTER_KEY_LENGTH } from "../config/mod.ts";
import type { Io } from "./io.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `knot genkey`: a fresh key for `server.cluster.key` or `server.encrypt`. */
export function genkeyCommand(io: Io): Command {
  return new Command("genkey")
    .description("make a key for server.cluster.key or server.encrypt")
    .addHelpText("after", "\nExamples:\n  knot genkey\n  KNOT_CLUSTER_KEY=$(knot genkey) knot server")
    .action(() => {
      const key = generateKey();
      // The original's form for people; the bare key for `$(knot genkey)`.
      io.stdout(io.stdoutIsTerminal ? `Encryption Key: ${key}\n\n` : `${key}\n`);
    });
}

/** 32 letters and digits, each of the 62 equally likely. */
export function generateKey(entropy: Entropy = systemEntropy): string {
  const evenMax = Math.floor(256 / ALPHABET.length) * ALPHABET.length; // Bytes past it would favour the first letters.
  let key = "";
  while (key.length < CLUSTER_KEY_LENGTH) {
    for (const byte of entropy(CLUSTER_KEY_LENGTH)) {
      if (byte < evenMax && key.length < CLUSTER_KEY_LENGTH) key += ALPHABET[byte % ALPHABET.length];
    }
  }
  return key;
}
