import assert from "node:assert/strict";
import { scaffold } from "../config/mod.ts";
import { generateKey } from "./genkey.ts";
import { runIn } from "./run_fixture.ts";
import { VERSION } from "./version.ts";

Deno.test("knot alone, --help and help show the commands", async () => {
  for (const args of [[], ["--help"], ["-h"], ["help"]]) {
    const { code, stdout, stderr } = await runIn({}, ...args);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    for (const command of ["server", "genkey", "scaffold", "validate", "ping", "cluster", "admin", "version"]) {
      assert.match(stdout, new RegExp(`^  ${command}\\b`, "m"));
    }
    assert.match(stdout, /Examples:/);
  }
});

Deno.test("every command has help with an example", async () => {
  const commands = ["server", "genkey", "scaffold", "validate", "ping", "cluster", "admin", "version"];
  const below = [
    "cluster members",
    "admin create-user",
    "admin set-password",
    "admin reset-totp",
    "admin check",
    "help",
  ];
  for (const command of [...commands, ...below, "completion"]) {
    const { code, stdout } = await runIn({}, ...command.split(" "), "--help");
    assert.equal(code, 0, command);
    assert.match(stdout, /Examples?:\n/, command);
  }
});

Deno.test("knot help goes as deep as the commands do", async () => {
  for (const path of [["server"], ["admin", "create-user"], ["cluster", "members"]]) {
    const { code, stdout } = await runIn({}, "help", ...path);
    assert.equal(code, 0);
    assert.equal(stdout, (await runIn({}, ...path, "--help")).stdout);
  }
});

Deno.test("knot version and --version print the bare version", async () => {
  for (const args of [["version"], ["--version"], ["-v"], ["-V"]]) {
    assert.deepEqual(await runIn({}, ...args), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
  }
});

Deno.test("wrong usage is one line that helps, and exit code 2", async () => {
  const mistakes: Array<[args: string[], line: RegExp]> = [
    [["srever"], /^knot: unknown command 'srever': did you mean server\?\n$/],
    [["help", "srever"], /^knot: unknown command 'srever': there is server, .*\n$/],
    [["help", "admin", "nobody"], /^knot: unknown command 'nobody': there is create-user, .*\n$/],
    [["server", "--liste", ":1"], /^knot: unknown option '--liste': did you mean --listen\?\n$/],
    [["server", "--listen"], /^knot: option '-l, --listen <ADDRESS>' argument missing\n$/],
    [["genkey", "x"], /^knot: too many arguments.*\n$/],
    [["scaffold"], /^knot: Cannot print a scaffold: say which one, --server\n$/],
    [["admin", "create-user", "ann"], /^knot: missing required argument 'EMAIL'\n$/],
    [["completion", "tcsh"], /^knot: .*'tcsh'.*bash, zsh, fish.*\n$/],
  ];
  for (const [args, line] of mistakes) {
    const { code, stdout, stderr } = await runIn({}, ...args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, line);
  }
});

Deno.test("knot genkey prints the bare key into a pipe, and the original's form at a terminal", async () => {
  const piped = await runIn({}, "genkey");
  assert.match(piped.stdout, /^[A-Za-z0-9]{32}\n$/);
  const shown = await runIn({ io: { stdoutIsTerminal: true } }, "genkey");
  assert.match(shown.stdout, /^Encryption Key: [A-Za-z0-9]{32}\n\n$/);
  assert.notEqual(piped.stdout.slice(0, 32), shown.stdout.slice(16, 48));
});

Deno.test("generateKey() passes over bytes that would make some letters likelier", () => {
  let next = 255;
  const key = generateKey((length) => Uint8Array.from({ length }, () => next--));
  assert.equal(key, "9876543210zyxwvutsrqponmlkjihgfe"); // 255 … 248 are passed over; 247 is the last letter's.
});

Deno.test("knot scaffold --server prints the example file", async () => {
  assert.deepEqual(await runIn({}, "scaffold", "--server"), { code: 0, stdout: scaffold(), stderr: "" });
});

Deno.test("knot validate says what a server would make of the file", async () => {
  const files = {
    "/work/good.toml": "[server]\nzone = 'au'\nlisten_agent = ':3010'\n",
    "/work/bad.toml": "[server]\nzones = 'au'\nlisten = 1\n",
  };
  const good = await runIn({ files }, "validate", "good.toml");
  assert.equal(good.code, 0);
  assert.match(good.stdout, /^good\.toml is valid\.\n {2}zone {5}au\n/);
  assert.match(good.stderr, /^knot: warning: good\.toml:3: "server\.listen_agent" is not used/);

  const bad = await runIn({ files }, "validate", "bad.toml");
  assert.deepEqual(bad, {
    code: 2,
    stdout: "",
    stderr: 'knot: bad.toml:2: unknown key "server.zones": did you mean "zone"?\n' +
      "knot: bad.toml:3: server.listen must be text in quotes, not 1\n",
  });
  assert.equal((await runIn({ files }, "validate", "none.toml")).code, 2);
  assert.match((await runIn({}, "validate")).stdout, /^No configuration file/);
});

Deno.test("a failure is one line without a stack, and exit code 1", async () => {
  const startServer = () => Promise.reject(new Error("port 3000 is taken\nsecond line"));
  const { code, stderr } = await runIn({ startServer }, "server");
  assert.equal(code, 1);
  assert.equal(stderr, "knot: Cannot start the server: port 3000 is taken\n");

  const whole = await runIn({ startServer: () => Promise.reject(new Error('Cannot open "x": y')) }, "server");
  assert.equal(whole.stderr, 'knot: Cannot open "x": y\n');
});

Deno.test("KNOT_DEBUG=1 adds where a failure came from", async () => {
  const startServer = () => Promise.reject(new Error("port 3000 is taken"));
  const { stderr } = await runIn({ startServer, io: { env: { KNOT_DEBUG: "1" } } }, "server");
  assert.match(stderr, /\n {4}at .*\nCaused by: Error: port 3000 is taken\n {4}at /s);
});

Deno.test("knot completion names every command and flag for each shell", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await runIn({}, "completion", shell);
    assert.equal(code, 0);
    for (const word of ["create-user", "members", "cluster-advertise-addr"]) assert.ok(stdout.includes(word), word);
  }
});
