import assert from "node:assert/strict";
import { loadAssets } from "./assets.ts";

Deno.test("a fingerprinted address is cached for ever, the bare one is asked for again", async () => {
  const assets = loadAssets();
  const url = assets.url("style.css").replace("/static", "");
  const fingerprinted = await assets.routes.request(url);
  assert.equal(fingerprinted.status, 200);
  assert.match(fingerprinted.headers.get("Content-Type")!, /^text\/css/);
  assert.match(fingerprinted.headers.get("Cache-Control")!, /max-age=31536000, immutable/);
  const bare = await assets.routes.request("/style.css");
  assert.equal(bare.headers.get("Cache-Control"), "no-cache");
  const stale = await assets.routes.request("/style.css?v=00000000");
  assert.equal(stale.headers.get("Cache-Control"), "no-cache", "another version's address must not pin this one");
});

Deno.test("a known ETag is answered without the file", async () => {
  const assets = loadAssets();
  const etag = (await assets.routes.request("/icon.svg")).headers.get("ETag")!;
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const answer = await assets.routes.request("/icon.svg", { headers: { "If-None-Match": known } });
    assert.equal(answer.status, 304);
    assert.equal(await answer.text(), "");
  }
  assert.equal((await assets.routes.request("/icon.svg", { headers: { "If-None-Match": '"other"' } })).status, 200);
});

Deno.test("nothing outside the folder is served", async () => {
  const assets = loadAssets();
  for (const path of ["/..%2fdeno.json", "/%2e%2e/deno.json", "/../deno.json", "/none.css", "/"]) {
    assert.equal((await assets.routes.request(path)).status, 404, path);
  }
});

Deno.test("only files of known types are served, and a missing folder is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.css`, "a{}");
    await Deno.writeTextFile(`${folder}/notes.txt`, "private");
    const assets = loadAssets(folder);
    assert.equal((await assets.routes.request("/a.css")).status, 200);
    assert.equal((await assets.routes.request("/notes.txt")).status, 404);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assert.throws(() => loadAssets(folder), /No such file/);
});
