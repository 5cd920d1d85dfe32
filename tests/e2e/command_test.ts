import assert from "node:assert/strict";
import { join } from "node:path";
import { freePorts, Hopeless, knot, KnotProcess, until } from "./mod.ts";

const KEY = "NDJuIFxrRbWLp6tKhVzyqNs5H5fCK1Cl";

interface BadConfig {
  readonly what: string;
  readonly toml: string;
  /** What the message must name. */
  readonly names: RegExp;
}

const BAD_CONFIGS: readonly BadConfig[] = [
  { what: "broken syntax", toml: '[server\nzone = "au"\n', names: /knot\.toml.*1/s },
  { what: "an unknown key", toml: '[server]\nzones = "au"\n', names: /server\.zones.*"?zone"?/ },
  { what: "a wrong type", toml: "[server.cluster]\ncompression = 3\n", names: /server\.cluster\.compression/ },
  {
    what: "a bad address",
    toml: `[server.cluster]\nadvertise_addr = "knot1:port"\nkey = "${KEY}"\n`,
    names: /server\.cluster\.advertise_addr/,
  },
  { what: "no key", toml: '[server.cluster]\nadvertise_addr = "127.0.0.1:3100"\n', names: /server\.cluster\.key/ },
  {
    what: "a short key",
    toml: '[server.cluster]\nadvertise_addr = "127.0.0.1:3100"\nkey = "short"\n',
    names: /server\.cluster\.key.*32/s,
  },
  {
    what: "peers of the other transport",
    toml: `[server.cluster]\nadvertise_addr = "127.0.0.1:3100"\nkey = "${KEY}"\npeers = ["wss://knot2.internal"]\n`,
    names: /server\.cluster\.peers.*knot2\.internal/s,
  },
];

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "knot-command-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { what, toml, names } of BAD_CONFIGS) {
  Deno.test(`knot server refuses a config file with ${what}, names the key and exits 2`, () =>
    withFolder(async (folder) => {
      const file = join(folder, "knot.toml");
      await Deno.writeTextFile(file, toml);
      const { code, stderr } = await knot(["server", "--config", file]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, names);
      assert.equal(stderr.trim().split("\n").length, 1, `one line, not:\n${stderr}`);
      assert.doesNotMatch(stderr, /^\s+at /m);
      assert.doesNotMatch(stderr, new RegExp(`${KEY}|short`), "secrets stay out of messages");
    }));
}

Deno.test("knot validate accepts bind_addr beside wss:// with a warning", () =>
  withFolder(async (folder) => {
    const file = join(folder, "knot.toml");
    const cluster = `advertise_addr = "wss://knot1.internal/"\nbind_addr = "0.0.0.0:3100"\nkey = "${KEY}"\n`;
    await Deno.writeTextFile(file, `[server.cluster]\n${cluster}`);
    const { code, stdout, stderr } = await knot(["validate", file]);
    assert.equal(code, 0, stderr);
    assert.match(stdout + stderr, /bind_addr/);
  }));

Deno.test("knot version and knot genkey answer from / with an empty environment", async () => {
  const version = await knot(["version"], { cwd: "/" });
  assert.equal(version.code, 0, version.stderr);
  assert.match(version.stdout, /\d+\.\d+\.\d+/);
  const key = await knot(["genkey"], { cwd: "/" });
  assert.match(key.stdout, /^[A-Za-z0-9]{32}\n$/);
});

Deno.test("knot server starts without any file, on its own, with its data in ./knot-data", () =>
  withFolder(async (folder) => {
    const [port] = freePorts(1);
    const server = new KnotProcess(["server", "--listen", `127.0.0.1:${port}`], { cwd: folder });
    try {
      await until("The server answers", 20_000, async () => {
        if (server.ended !== undefined) throw new Hopeless(server.lines.join("\n"));
        const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
        await answer.body?.cancel();
        return answer.ok;
      });
      assert.ok((await Deno.stat(join(folder, "knot-data", "knot.db"))).isFile);
      const page = await fetch(`http://127.0.0.1:${port}/`);
      assert.ok(page.status < 400, `/ answers ${page.status}`);
      assert.match(await page.text(), /<html/i);
      server.signal("SIGTERM");
      assert.equal((await server.finished).code, 0);
    } finally {
      server.signal("SIGKILL");
      await server.finished;
    }
  }));
