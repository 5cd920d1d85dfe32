import assert from "node:assert/strict";
import { looksLikeHttp, looksLikeTls } from "./foreign.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("looksLikeHttp() knows requests, answers and the opening of HTTP/2", () => {
  for (const start of ["GET /cluster HTTP/1.1", "POST /x", "HTTP/1.1 400 Bad Request", "PRI * HTTP/2.0"]) {
    assert.ok(looksLikeHttp(bytes(start)), start);
  }
  for (const start of ["", "GET", "get /", "KNOT", "\x16\x03\x01\x00"]) assert.ok(!looksLikeHttp(bytes(start)), start);
});

Deno.test("looksLikeTls() knows greetings and alerts of every version", () => {
  for (const record of [[0x16, 3, 1, 2, 0], [0x16, 3, 3], [0x15, 3, 3, 0, 2], [0x16, 3, 4]]) {
    assert.ok(looksLikeTls(Uint8Array.from(record)));
  }
  for (const record of [[], [0x16, 3], [0x16, 2, 0], [0x17, 3, 3], [0x16, 3, 5]]) {
    assert.ok(!looksLikeTls(Uint8Array.from(record)));
  }
});
