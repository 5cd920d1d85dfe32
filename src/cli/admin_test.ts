import assert from "node:assert/strict";
import type { Admin } from "../admin/mod.ts";
import type { AdminSeats } from "./admin_seat.ts";
import type { Io } from "./io.ts";
import { runIn } from "./run_fixture.ts";

/** A place whose admin does as told; notes which data folder it was looked for in, and whether it was given back. */
function seats(admin: Partial<Admin>, { running = true } = {}) {
  const log: string[] = [];
  const seat = { admin: admin as Admin, [Symbol.asyncDispose]: () => (log.push("given back"), Promise.resolve()) };
  const admins: AdminSeats = {
    connect: (dataDir) => (log.push(`connect ${dataDir}`), Promise.resolve(running ? seat : undefined)),
    hasData: (dataDir) => Promise.resolve(dataDir !== "/empty"),
    openOffline: (config) => (log.push(`open ${config.server.dataDir}`), Promise.resolve(seat)),
    checkOffline: (config) => (log.push(`check ${config.server.dataDir}`), Promise.resolve({ faults: [] })),
  };
  return { log, admins };
}

const piped = (line: string): Partial<Io> => ({ readLine: () => Promise.resolve(line) });

Deno.test("knot admin create-user sends the user to the running server, with the password from the pipe", async () => {
  const asked: unknown[] = [];
  const { log, admins } = seats({
    createUser: (user) => {
      asked.push(user);
      return Promise.resolve({ kind: "created", userId: "u1", admin: true, setUp: false });
    },
  });
  const args = [
    "admin",
    "create-user",
    "ann",
    "ann@example.com",
    "--role",
    "Developers",
    "--admin",
    "--data-dir",
    "/d",
  ];
  const { code, stdout } = await runIn({ admin: admins, io: piped("correct horse") }, ...args);
  assert.equal(code, 0);
  assert.equal(stdout, "Created admin ann, who signs in as ann@example.com.\n");
  const roles = ["00000000-0000-0000-0000-000000000000", "Developers"];
  assert.deepEqual(asked, [{ username: "ann", email: "ann@example.com", password: "correct horse", roles }]);
  assert.deepEqual(log, ["connect /d", "given back"]);
});

Deno.test("knot admin opens the store itself where no server runs", async () => {
  const { log, admins } = seats({
    setPassword: () => Promise.resolve({ kind: "updated", username: "ann" }),
    forgetMember: () => Promise.resolve({ kind: "not_found" }),
    leaveCluster: () => Promise.resolve({ kind: "leaving", nodeId: "n1", reached: 1, others: 1 }),
  }, { running: false });
  const { code } = await runIn({ admin: admins, io: piped("correct horse") }, "admin", "set-password", "ann");
  assert.equal(code, 0);
  assert.deepEqual(log, ["connect ./knot-data", "open ./knot-data", "given back"]);
});

Deno.test("knot admin makes no database in a folder that has none, unless it is asked to", async () => {
  const { log, admins } = seats({
    createUser: () => Promise.resolve({ kind: "created", userId: "u1", admin: true, setUp: true }),
  }, { running: false });
  for (const args of [["set-password", "ann"], ["reset-totp", "ann"], ["create-user", "ann", "ann@example.com"]]) {
    const world = { admin: admins, io: piped("correct horse") };
    const { code, stdout, stderr } = await runIn(world, "admin", ...args, "--data-dir", "/empty");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^knot: There is no data in "\/empty": name the server's folder with --data-dir/);
  }
  assert.ok(!log.includes("open /empty"));
  const args = ["create-user", "ann", "ann@example.com", "--new", "--data-dir", "/empty"];
  assert.equal((await runIn({ admin: admins, io: piped("correct horse") }, "admin", ...args)).code, 0);
  assert.ok(log.includes("open /empty"));
});

Deno.test("knot admin reset-totp says whose codes it reset, or that there is nobody", async () => {
  const { admins } = seats({
    resetTotp: (user) => Promise.resolve(user === "ann" ? { kind: "updated", username: "ann" } : { kind: "not_found" }),
  });
  const ann = await runIn({ admin: admins }, "admin", "reset-totp", "ann");
  assert.deepEqual([ann.code, ann.stderr], [0, ""]);
  assert.match(ann.stdout, /^Reset the one-time codes of ann/);
  const bob = await runIn({ admin: admins }, "admin", "reset-totp", "bob");
  assert.deepEqual([bob.code, bob.stdout], [1, ""]);
  assert.match(bob.stderr, /no user has this email or username/);
});

Deno.test("knot admin says what was refused, field by field, and gives its place back", async () => {
  const fields = { email: "is taken", password: "is too short" };
  const { log, admins } = seats({ createUser: () => Promise.resolve({ kind: "invalid", fields }) });
  const ran = await runIn({ admin: admins, io: piped("x") }, "admin", "create-user", "ann", "ann@example.com");
  assert.equal(ran.code, 1);
  assert.equal(
    ran.stderr,
    'knot: Cannot create user "ann": email is taken\nknot: Cannot create user "ann": password is too short\n',
  );
  assert.equal(log.at(-1), "given back");
});

Deno.test("knot admin set-password says that there is no such user", async () => {
  const { admins } = seats({ setPassword: () => Promise.resolve({ kind: "not_found" }) });
  const ran = await runIn({ admin: admins, io: piped("correct horse") }, "admin", "set-password", "bob");
  assert.deepEqual([ran.code, ran.stderr], [
    1,
    'knot: Cannot set the password of "bob": no user has this email or username\n',
  ]);
});

Deno.test("knot admin takes the password from KNOT_PASSWORD, else the pipe, else twice from the terminal", async () => {
  const passwords: string[] = [];
  const { admins } = seats({
    setPassword: ({ password }) => {
      passwords.push(password);
      return Promise.resolve({ kind: "updated", username: "ann" });
    },
  });
  const set = (io: Partial<Io>) => runIn({ admin: admins, io }, "admin", "set-password", "ann");
  const terminal = (...answers: Array<string | undefined>): Partial<Io> => ({
    stdinIsTerminal: true,
    readSecret: () => Promise.resolve(answers.shift()),
  });
  await set({ ...piped("from pipe"), env: { KNOT_PASSWORD: "from environment" } });
  await set(piped("from pipe"));
  await set(terminal("typed", "typed"));
  assert.deepEqual(passwords, ["from environment", "from pipe", "typed"]);

  assert.deepEqual(await set(terminal("typed", "tpyed")), {
    code: 1,
    stdout: "",
    stderr: "knot: Nothing changed: the two passwords differ\n",
  });
  assert.equal((await set(terminal(undefined))).code, 1);
  assert.equal((await set({})).code, 2);
  assert.equal(passwords.length, 3);
});

const MEMBER = {
  id: "n1",
  shortId: "00000a",
  label: "au",
  self: false,
  state: "alive",
  incarnation: 0,
  lastContactMs: 1_000,
  roundTripMs: 1.25,
  records: 7,
  inSync: true,
  problem: undefined,
  facts: {
    address: "a:3100",
    zone: "au\u001b[31m",
    hostname: "box",
    version: "0.1.0",
    startedAtMs: 0,
    protocolMin: 1,
    protocolMax: 2,
    saidAt: 0,
  },
  packetsBlocked: false,
  streamsBlocked: false,
  relayed: false,
};

function cluster(members: unknown[]) {
  return seats({ members: () => Promise.resolve({ members } as unknown as Awaited<ReturnType<Admin["members"]>>) });
}

Deno.test("knot cluster members prints a table that another server's escape sequences cannot disturb", async () => {
  const self = {
    id: "n2",
    shortId: "00000b",
    self: true,
    state: "alive",
    roundTripMs: 0,
    problem: "its disk refuses writes",
  };
  const { code, stdout } = await runIn(
    { admin: cluster([MEMBER, self]).admins, io: { nowMs: () => 6_000 } },
    "cluster",
    "members",
  );
  assert.equal(code, 0);
  assert.deepEqual(stdout.split("\n"), [
    "ZONE          HOSTNAME  ID      STATE  ADDRESS  VERSION  PATH    LAST CONTACT  ROUND TRIP  RECORDS  IN SYNC  PROBLEM",
    "au\\u001b[31m  box       00000a  alive  a:3100   0.1.0    direct  5 s ago       1.3 ms      7        yes",
    "?             ?         00000b  alive  n2       ?        -       this server   -           ?        ?        its disk refuses writes",
    "",
  ]);
});

Deno.test("knot cluster members --json prints an array for scripts", async () => {
  const world = { admin: cluster([MEMBER]).admins, io: { nowMs: () => 9_500 } };
  const { stdout } = await runIn(world, "cluster", "members", "--json");
  assert.deepEqual(JSON.parse(stdout), [{
    id: "n1",
    short_id: "00000a",
    self: false,
    state: "alive",
    zone: "au\u001b[31m",
    hostname: "box",
    address: "a:3100",
    version: "0.1.0",
    started_at: "1970-01-01T00:00:00.000Z",
    last_contact: "1970-01-01T00:00:01.000Z",
    round_trip_ms: 1.25,
    records: 7,
    in_sync: true,
    problem: null,
    incarnation: 0,
    protocol_min: 1,
    protocol_max: 2,
    uptime_seconds: 9,
    packets_blocked: false,
    streams_blocked: false,
    relayed: false,
    clock_offset_ms: null,
  }]);
});

Deno.test("knot cluster members says how each is reached, and whose clock is off", async () => {
  const [gone, far, slow, half, web] = [
    { ...MEMBER, state: "leaving", inSync: undefined, clockOffsetMs: undefined },
    { ...MEMBER, relayed: true },
    { ...MEMBER, packetsBlocked: true, clockOffsetMs: -1_240 },
    { ...MEMBER, streamsBlocked: true, clockOffsetMs: 900 },
    { ...MEMBER, facts: { ...MEMBER.facts, address: "wss://a/" } },
  ];
  const { stdout } = await runIn({ admin: cluster([gone, far, slow, half, web]).admins }, "cluster", "members");
  const [, dead, ...live] = stdout.split("\n");
  assert.match(dead, /0\.1\.0 +- .* \?$/);
  assert.match(live[1], / -1\.2 s$/);
  assert.match(live[2], / yes$/);
  assert.deepEqual(live.slice(0, 4).map((line) => /through others|(TCP|UDP) only|websocket/.exec(line)?.[0]), [
    "through others",
    "TCP only",
    "UDP only",
    "websocket",
  ]);
});

Deno.test("knot cluster members --opinions shows a link that works in one direction only", async () => {
  const named = (id: string) => ({ ...MEMBER, id, label: id, facts: { ...MEMBER.facts, zone: id } });
  const alive = (id: string, more = {}) => ({
    id,
    state: "alive",
    path: "packets",
    roundTripMs: 1.25,
    silentMs: 5,
    ...more,
  });
  const opinions = new Map([
    ["au", [alive("gb"), alive("us", { path: "relayed" })]],
    ["gb", [{ id: "au", state: "suspect" }, alive("us", { path: "stream" })]],
  ]);
  const { admins } = seats({
    members: () => Promise.resolve({ members: ["au", "gb", "us"].map(named) } as never),
    opinions: () => Promise.resolve(opinions as never),
  });
  const { stdout } = await runIn({ admin: admins }, "cluster", "members", "--opinions");
  assert.deepEqual(stdout.split("\n"), [
    "SEEN BY  au         gb            us",
    "au       -          alive 1.3 ms  alive, through others",
    "gb       suspect    -             alive 1.3 ms, TCP only",
    "us       no answer  no answer     no answer",
    "",
  ]);
  const json = await runIn({ admin: admins }, "cluster", "members", "--opinions", "--json");
  assert.deepEqual(JSON.parse(json.stdout)[0].seen_by, {
    gb: { state: "suspect", path: null, round_trip_ms: null, silent_ms: null },
  });
});

Deno.test("knot cluster members --opinions takes websockets for no trouble with datagrams", async () => {
  const named = (id: string) => ({ ...MEMBER, id, label: id, facts: { ...MEMBER.facts, address: `wss://${id}/` } });
  const alive = { id: "gb", state: "alive", path: "stream", roundTripMs: 1.25, silentMs: 5 };
  const { admins } = seats({
    members: () => Promise.resolve({ members: ["au", "gb"].map(named) } as never),
    opinions: () => Promise.resolve(new Map([["au", [alive]]]) as never),
  });
  const { stdout } = await runIn({ admin: admins }, "cluster", "members", "--opinions");
  assert.equal(stdout.split("\n")[1], "au       -          alive 1.3 ms");
});

Deno.test("knot cluster members needs a running server, and says which one it looked for", async () => {
  const { admins } = seats({}, { running: false });
  const { code, stderr } = await runIn({ admin: admins }, "cluster", "members", "--data-dir", "/d");
  assert.equal(code, 1);
  assert.match(stderr, /^knot: Cannot list the members: no server is running with data folder "\/d"/);
});

Deno.test("knot admin check asks the running server, and reports counts on standard output", async () => {
  const check = { rows: 3, counts: { group: 1, setting: 2 }, setAsideCount: 0, problemCount: 0, problems: [] };
  const { log, admins } = seats({ checkDatabase: () => Promise.resolve({ kind: "checked", check }) });
  const { code, stdout, stderr } = await runIn({ admin: admins }, "admin", "check", "--data-dir", "/d");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^group +1\nsetting +2\nall +3\nThe database in "\/d" is sound\.\nThe server runs: stop it/m);
  assert.deepEqual(log, ["connect /d", "given back"]);
});

Deno.test("knot admin check opens the file where no server runs, and fails with each problem and the way out", async () => {
  const { log, admins } = seats({}, { running: false });
  const found = [
    {
      faults: [],
      check: {
        rows: 1,
        counts: {},
        setAsideCount: 0,
        problemCount: 2,
        problems: [{ row: "member/x", reason: "it is torn" }],
      },
    },
    { faults: ["Tree 5 page 7: btreeInitPage() returns error code 11"] },
  ];
  const lines = [
    /^knot: Cannot read row "member\/x": it is torn\nknot: 1 more rows cannot be read\nknot: The server starts all the same: .*audit log are left out/,
    /^knot: The file is damaged: Tree 5 .*\nknot: .*--reseed/,
  ];
  for (const [index, check] of found.entries()) {
    const checkOffline = () => Promise.resolve(check);
    const { code, stderr } = await runIn({ admin: { ...admins, checkOffline } }, "admin", "check", "--data-dir", "/d");
    assert.equal(code, 1);
    assert.match(stderr, lines[index]);
  }
  const empty = await runIn({ admin: admins }, "admin", "check", "--data-dir", "/empty");
  assert.match(empty.stderr, /^knot: There is no data in "\/empty"/);
  assert.ok(!log.includes("check /empty"));
});

Deno.test("knot cluster lost-edits lists what was edited in vain, or says that nothing was", async () => {
  const edit = { kind: "group", id: "g1", name: "crew", fields: ["name"], editedAtMs: 0, foundAtMs: 5 };
  const listed = (edits: readonly unknown[]) =>
    seats({ lostEdits: () => Promise.resolve({ kind: "listed", edits } as never) }).admins;
  const { stdout } = await runIn({ admin: listed([edit]) }, "cluster", "lost-edits");
  assert.deepEqual(stdout.split("\n"), [
    "EDITED                    KIND   NAME  ID  FIELDS",
    "1970-01-01T00:00:00.000Z  group  crew  g1  name",
    "",
  ]);
  assert.equal((await runIn({ admin: listed([]) }, "cluster", "lost-edits")).stdout, "No edit was lost\n");
});
