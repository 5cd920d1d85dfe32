import assert from "node:assert/strict";
import { join } from "node:path";
import { ADMIN, type ApiClient, knot, until, withServer } from "./mod.ts";

/** A server that does not refuse by then, runs. */
const REFUSAL_MS_MAX = 10_000;
/** Enough rows for a file of many pages. */
const VARIABLES = 60;

/** What happens to the files of a stopped or killed server, and how it then ends. */
interface Damage {
  readonly what: string;
  /** How the server ended before: killed, it leaves a `-wal` and a `-shm` file. */
  readonly ended: "stopped" | "killed";
  readonly spoil: (database: string) => Promise<void>;
  /** What the refusal names; absent where the server must start with everything that it had. */
  readonly refusal?: RegExp;
}

const DAMAGES: readonly Damage[] = [
  { what: "a torn database", ended: "stopped", spoil: half, refusal: /knot\.db".*malformed.*--reseed/ },
  { what: "a torn last page", ended: "stopped", spoil: tornPage, refusal: /knot\.db".*end is torn off/ },
  { what: "a torn database of which all is still in the -wal file", ended: "killed", spoil: tornPage },
  { what: "a database overwritten in the middle", ended: "stopped", spoil: scribble, refusal: /knot\.db".*malformed/ },
  { what: "an emptied database", ended: "stopped", spoil: (path) => Deno.truncate(path), refusal: /empty.*--reseed/ },
  {
    what: "a letter in place of the database",
    ended: "stopped",
    spoil: (path) => Deno.writeTextFile(path, "Dear Ann, the weather here is fine. ".repeat(20)),
    refusal: /knot\.db".*no database.*--reseed/,
  },
  {
    what: "a folder in place of the database",
    ended: "stopped",
    spoil: folder,
    refusal: /knot\.db".*(that folder|must be a file)/,
  },
  { what: "no -wal file", ended: "killed", spoil: (path) => Deno.remove(`${path}-wal`), refusal: /knot\.db-wal.*gone/ },
  { what: "only a -wal file", ended: "killed", spoil: (path) => Deno.remove(path), refusal: /only its log/ },
  { what: "no -shm file", ended: "killed", spoil: (path) => Deno.remove(`${path}-shm`) },
  { what: "a torn -shm file", ended: "killed", spoil: (path) => Deno.truncate(`${path}-shm`, 100) },
  { what: "a torn end of the -wal file", ended: "killed", spoil: tornLogEnd },
];

for (const { what, ended, spoil, refusal } of DAMAGES) {
  const outcome = refusal === undefined ? "starts with" : "refuses in one line";
  Deno.test(`a ${ended} server ${outcome} ${what}`, () =>
    withServer(async (server) => {
      const admin = await server.api.signIn(ADMIN.email, ADMIN.password);
      await write(admin, VARIABLES);
      await (ended === "stopped" ? server.stop() : server.kill());
      await spoil(join(server.dataDir, "knot.db"));
      if (refusal === undefined) {
        await server.start();
        await server.ready();
        return assert.equal(await count(admin), VARIABLES);
      }
      const check = await knot(["admin", "check", "--config", server.configFile]);
      await server.spawn();
      await until("the server refuses", REFUSAL_MS_MAX, () => server.process.ended !== undefined);
      for (
        const { code, lines } of [{ code: check.code, lines: check.stderr.trim().split("\n") }, {
          code: server.process.ended!.code,
          lines: server.process.lines,
        }]
      ) {
        assert.equal(code, 1, lines.join("\n"));
        assert.match(lines.join("\n"), refusal);
        assert.equal(lines.length, 1, `one line, not:\n${lines.join("\n")}`);
      }
    }));
}

Deno.test("knot admin check counts what a server holds, while it runs and after, and finds it sound", () =>
  withServer(async (server) => {
    await write(await server.api.signIn(ADMIN.email, ADMIN.password), 7);
    const running = await knot(["admin", "check", "--config", server.configFile]);
    assert.equal(running.code, 0, running.stderr);
    await server.stop();
    const stopped = await knot(["admin", "check", "--config", server.configFile]);
    assert.equal(stopped.code, 0, stopped.stderr);
    for (const { stdout } of [running, stopped]) assert.match(stdout, /^template_variable +7$.*is sound/ms);
    await server.start();
    await server.ready();
  }));

async function half(path: string): Promise<void> {
  await Deno.truncate(path, Math.floor((await Deno.stat(path)).size / 2));
}

async function tornPage(path: string): Promise<void> {
  const { size } = await Deno.stat(path);
  await Deno.truncate(path, Math.max(50, size - 1_000));
}

async function scribble(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(4_096, Deno.SeekMode.Start);
  const size = (await file.stat()).size;
  await file.write(new Uint8Array(size - 4_096).map((_, index) => index * 7));
}

async function folder(path: string): Promise<void> {
  await Deno.remove(path);
  await Deno.mkdir(path);
}

/** A write that was under way when the power went: whole frames stand before it. */
async function tornLogEnd(path: string): Promise<void> {
  using file = await Deno.open(`${path}-wal`, { append: true });
  await file.write(new Uint8Array(1_000).fill(7));
}

async function write(admin: ApiClient, variables: number): Promise<void> {
  for (let index = 0; index < variables; index++) {
    await admin.create("/api/templatevars", { name: `kept_${index}`, value: "x".repeat(500), zones: [] });
  }
}

async function count(admin: ApiClient): Promise<number> {
  return (await admin.get("/api/templatevars")).variables.length;
}
