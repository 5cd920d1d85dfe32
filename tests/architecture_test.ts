import assert from "node:assert/strict";
import { PURE_ROOMS, ROOMS } from "./architecture/rooms.ts";
import {
  importedModules,
  importProblems,
  mainProblems,
  purityProblems,
  roomProblems,
  type Sources,
} from "./architecture/rules.ts";
import { withoutComments } from "./architecture/source_text.ts";

const ROOT = new URL("../", import.meta.url);

async function readSources(): Promise<Sources> {
  const sources = new Map<string, string>();
  const walk = async (folder: string) => {
    for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory) await walk(`${path}/`);
      else if (/\.tsx?$/.test(path)) sources.set(path, await Deno.readTextFile(new URL(path, ROOT)));
    }
  };
  await walk("src/");
  for await (const entry of Deno.readDir(ROOT)) {
    if (entry.name === "main.ts") sources.set("main.ts", await Deno.readTextFile(new URL("main.ts", ROOT)));
  }
  return sources;
}

const source = (path: string, text: string): Sources => new Map([[path, text]]);

Deno.test("the house has the rooms on the list, each with a mod.ts that says what it is for", async () => {
  assert.deepEqual(roomProblems(await readSources()), []);
});

Deno.test("imports between rooms go one way, through mod.ts", async () => {
  assert.deepEqual(importProblems(await readSources()), []);
});

Deno.test("pure rooms read no time, no chance and no machine, and never wait", async () => {
  assert.deepEqual(purityProblems(await readSources()), []);
});

Deno.test("main.ts runs the command line and does nothing else", async () => {
  assert.deepEqual(mainProblems(await readSources()), []);
});

Deno.test("ARCHITECTURE.md shows the very table of imports that is checked", async () => {
  const page = await Deno.readTextFile(new URL("ARCHITECTURE.md", ROOT));
  const rows = [...page.matchAll(/^\| `src\/(\w+)` +\|[^|]*\| ([^|]*) \|$/gm)];
  const shown = Object.fromEntries(
    rows.map(([, room, list]) => [room, list.trim() === "–" ? [] : list.trim().split(", ")]),
  );
  assert.deepEqual(shown, ROOMS);
});

Deno.test("the table of imports has no way round in a circle", () => {
  const reaches = (from: string, to: string): boolean =>
    (ROOMS[from] ?? []).some((next) => next === to || reaches(next, to));
  assert.deepEqual(Object.keys(ROOMS).filter((room) => reaches(room, room)), []);
});

Deno.test("roomProblems() names an unknown room, a room without mod.ts and a mod.ts without a docstring", () => {
  assert.deepEqual(roomProblems(source("src/utils/mod.ts", "/** x */")), ["src/utils is not on the list of rooms"]);
  assert.deepEqual(roomProblems(source("src/helpers.ts", "")), ["src/helpers is not on the list of rooms"]);
  assert.deepEqual(roomProblems(source("src/wire/codec.ts", "")), ["src/wire has no mod.ts"]);
  assert.equal(roomProblems(source("src/wire/mod.ts", "export {};")).length, 1);
  assert.deepEqual(roomProblems(source("src/app.ts", "")), []);
});

Deno.test("importProblems() names imports against the table and past mod.ts, however they are written", () => {
  const bad = (path: string, text: string) => assert.equal(importProblems(source(path, text)).length, 1, text);
  bad("src/base/log.ts", 'import { codec } from "../wire/mod.ts";');
  bad("src/transport/udp.ts", 'export * from "../cluster/mod.ts";');
  bad("src/cluster/step.ts", 'const node = import("../node/mod.ts");');
  bad("src/cluster/step.ts", 'import "../storage/mod.ts";');
  bad("src/api/users.ts", 'import {\n  type Users,\n} from "../accounts/users.ts";');
  bad("src/api/users.ts", 'import type { App } from "../app.ts";');
  bad("src/accounts/users.ts", 'import { Users } from "../api/mod.ts";');
  bad("main.ts", 'import { startServer } from "./src/app.ts";');
});

Deno.test("importProblems() lets through what the table allows, tests, and what is only mentioned", () => {
  const good = (path: string, text: string) => assert.deepEqual(importProblems(source(path, text)), []);
  good("src/api/users.ts", 'import { Users } from "../accounts/mod.ts";');
  good("src/app.ts", 'import { Users } from "./accounts/mod.ts";');
  good("src/cli/server.ts", 'import { startServer } from "../app.ts";');
  good("src/wire/codec_test.ts", 'import { Node } from "../node/node.ts";');
  good("src/base/log.ts", '// import { codec } from "../wire/mod.ts";');
  good("main.ts", 'import { run } from "./src/cli/mod.ts";');
});

Deno.test("purityProblems() names each impure thing in a pure room, and only there", () => {
  const impure = [
    "const t = Date.now();",
    "const t = new Date();",
    "const t = performance.now();",
    "const r = Math.random();",
    "const r = crypto.getRandomValues(new Uint8Array(8));",
    "setTimeout(go, 5);",
    "for await (const x of y) go(x);",
    'const text = Deno.readTextFileSync("x");',
    "const id = `${Date.now()}`;",
    'import { readFileSync } from "node:fs";',
  ];
  for (const room of PURE_ROOMS) {
    for (const text of impure) {
      assert.equal(purityProblems(source(`src/${room}/step.ts`, text)).length, 1, text);
      assert.deepEqual(purityProblems(source("src/node/run.ts", text)), []);
    }
  }
  assert.deepEqual(purityProblems(source("src/cluster/step.ts", '/** No Date.now here. */ const s = "await";')), []);
});

Deno.test("mainProblems() lets one statement stand beside the imports", () => {
  const one = 'import { run } from "./src/cli/mod.ts";\n\n// Why.\nDeno.exitCode = await run(Deno.args);\n';
  assert.deepEqual(mainProblems(source("main.ts", one)), []);
  assert.equal(mainProblems(source("main.ts", one + 'console.log("done");\n')).length, 1);
});

Deno.test("withoutComments() is not fooled by quotes, addresses and regular expressions", () => {
  const text = (code: string) => withoutComments(code, { keepStrings: true }).trimEnd();
  assert.equal(text('const url = "https://knot"; // a comment'), 'const url = "https://knot";');
  assert.equal(text(`const quote = /["'/]/; // a comment`), `const quote = /["'/]/;`);
  assert.equal(text("const half = a / 2; /* a\ncomment */"), "const half = a / 2;");
  assert.deepEqual(importedModules('const a = /"/;\nimport { b } from "b";\nconst c = import("c");'), ["b", "c"]);
});
