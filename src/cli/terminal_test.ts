import assert from "node:assert/strict";
import { type Input, readFirstLine, readSecret } from "./terminal.ts";

/** Standard input that hands out these pieces, then ends. */
function inputOf(...pieces: string[]): Input & { raw: boolean[] } {
  const chunks = pieces.map((piece) => new TextEncoder().encode(piece));
  const raw: boolean[] = [];
  return {
    raw,
    setRaw: (mode) => raw.push(mode),
    read: (buffer) => {
      const chunk = chunks.shift();
      if (chunk !== undefined) buffer.set(chunk);
      return Promise.resolve(chunk?.length ?? null);
    },
  };
}

Deno.test("readFirstLine() takes the first line, however it is cut and ended", async () => {
  assert.equal(await readFirstLine(inputOf("pass", "word\nmore\n")), "password");
  assert.equal(await readFirstLine(inputOf("password\r\n")), "password");
  assert.equal(await readFirstLine(inputOf("password")), "password");
  assert.equal(await readFirstLine(inputOf("pä", "ss\n")), "päss");
  assert.equal(await readFirstLine(inputOf("\n")), "");
  assert.equal(await readFirstLine(inputOf()), undefined);
});

Deno.test("readFirstLine() gives up on a line without end", async () => {
  await assert.rejects(readFirstLine(inputOf(...Array(9).fill("x".repeat(1000)))), /past 4096 bytes/);
});

Deno.test("readSecret() shows the prompt and a line end, never what was typed", async () => {
  const shown: string[] = [], input = inputOf("s3c", "ret\r");
  assert.equal(await readSecret("Password: ", { input, write: (text) => void shown.push(text) }), "s3cret");
  assert.equal(shown.join(""), "Password: \n");
  assert.deepEqual(input.raw, [true, false]);
});

Deno.test("readSecret() erases with backspace and Ctrl-U, whole characters at a time", async () => {
  const typed = (...pieces: string[]) => readSecret("", { input: inputOf(...pieces), write: () => {} });
  assert.equal(await typed("abx\u007fc\r"), "abc");
  assert.equal(await typed("a€\u007fb\r"), "ab");
  assert.equal(await typed("wrong\u0015right\n"), "right");
  assert.equal(await typed("\u007f\u007fa\r"), "a");
});

Deno.test("readSecret() is cancelled by Ctrl-C, Ctrl-D and the end of input, and leaves the terminal as it was", async () => {
  for (const pieces of [["abc\u0003"], ["\u0004"], ["abc"]]) {
    const input = inputOf(...pieces);
    assert.equal(await readSecret("", { input, write: () => {} }), undefined);
    assert.deepEqual(input.raw, [true, false]);
  }
});
