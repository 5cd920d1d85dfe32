import assert from "node:assert/strict";
import { join } from "node:path";
import { ADMIN, type ApiClient, Cluster, Server, until } from "./mod.ts";
import { launcherThrough } from "./netns/mod.ts";

const PATIENCE_MS = 30_000;
/** Room for a database and its log, and soon filled. */
const DISK_BYTES = 12 * 1024 * 1024;
/** Written at another server while the disk is full. */
const GROUPS_MEANWHILE = 40;
/** Lines about the full disk that a minute of it may bring. */
const LINES_MAX = 20;

const whyNot = await whyNoSmallDisk();

Deno.test({
  name: `a server with a full disk refuses writes, serves reads, and recovers by itself${
    whyNot === undefined ? "" : ` (skipped: ${whyNot})`
  }`,
  ignore: whyNot !== undefined,
  fn: () =>
    withSmallDisk(async ({ cluster, small, disk }) => {
      const [first] = cluster.servers;
      const { token } = await small.api.signIn(ADMIN.email, ADMIN.password);
      const [elsewhere, admin] = [first.api.withToken(token!), small.api.withToken(token!)];
      await cluster.allAlive([elsewhere, admin]);
      await admin.create("/api/groups", { name: "before" });
      await disk.fill();
      await refusesWrites(admin);

      await until(
        "/readyz says so",
        PATIENCE_MS,
        async () => (await small.api.request("GET", "/readyz")).status === 503,
      );
      const { body } = await small.api.request("GET", "/readyz");
      assert.match(body.error, /disk refuses writes/);
      assert.match((await admin.request("GET", "/metrics")).body, /^knot_store_writable 0$/m);
      const self = (await admin.get("/api/cluster-info")).find(({ metadata }: Member) => metadata.self === "true");
      assert.equal(self.metadata.problem, "its disk refuses writes");

      assert.deepEqual(await groupNames(admin), ["before"]);
      const again = await small.api.signIn(ADMIN.email, ADMIN.password);
      assert.equal((await again.get("/api/users/whoami")).username, ADMIN.username);
      await formKeepsWhatWasTyped(small, again);

      for (let index = 0; index < GROUPS_MEANWHILE; index++) {
        await elsewhere.create("/api/groups", { name: `meanwhile-${index}`, max_spaces: index });
      }
      const states = (await elsewhere.get("/api/cluster-info")).map(({ state }: Member) => state);
      assert.deepEqual(states, ["Alive", "Alive"], "its place in the cluster is undisturbed");

      await disk.free();
      await until(
        "it is ready again",
        PATIENCE_MS,
        async () => (await small.api.request("GET", "/readyz")).status === 200,
      );
      await until("it has what it missed", PATIENCE_MS, async () => {
        const names = await groupNames(admin);
        return names.filter((name) => name.startsWith("meanwhile")).length === GROUPS_MEANWHILE;
      });
      await admin.create("/api/groups", { name: "after" });
      const complaints = small.process.lines.filter((line) => /disk is full|refuses writes/.test(line));
      assert.ok(complaints.length > 0 && complaints.length <= LINES_MAX, complaints.join("\n"));
      assert.ok(!small.process.lines.some((line) => /^\s+at /.test(line)), "no stack traces");
    }),
});

interface Member {
  readonly state: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A disk of its own, which only the server's process sees. */
interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** Small writes may still find room in the log that is there. */
async function refusesWrites(admin: ApiClient): Promise<void> {
  let index = 0;
  const refusal = await until("the server refuses", PATIENCE_MS, async () => {
    const variable = { name: `filler_${index++}`, value: "x".repeat(50_000), zones: [] };
    const answer = await admin.request("POST", "/api/templatevars", variable);
    return answer.status === 201 ? undefined : answer;
  });
  assert.equal(refusal.status, 507, JSON.stringify(refusal.body));
  assert.match(refusal.body.error, /disk did not take the change: nothing was saved/);
}

async function formKeepsWhatWasTyped(server: Server, { token }: ApiClient): Promise<void> {
  const answer = await fetch(`${server.url}/variables/create`, {
    method: "POST",
    headers: { cookie: `__KNOT_WEBUI_SESSION=${token}`, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ name: "typed_name", value: `typed text ${"y".repeat(60_000)}`, zones: "" }),
  });
  const page = await answer.text();
  assert.equal(answer.status, 507, page.slice(0, 500));
  assert.ok(page.includes('value="typed_name"') && page.includes("typed text"), "the form keeps what was typed");
  assert.match(page, /Nothing was saved/);
}

async function groupNames(admin: ApiClient): Promise<string[]> {
  return (await admin.get("/api/groups")).groups.map(({ name }: { name: string }) => name);
}

async function withSmallDisk(
  body: (at: { cluster: Cluster; small: Server; disk: Disk }) => Promise<void>,
): Promise<void> {
  await using cluster = await Cluster.prepare({ servers: 2, transport: "udp" });
  const { settings, dataDir } = cluster.servers[1];
  const mount =
    `mkdir -p '${dataDir}' && mount -t tmpfs -o size=${DISK_BYTES},mode=700 none '${dataDir}' && exec "$0" "$@"`;
  const binary = await launcherThrough(join(cluster.folder, "small"), ["unshare", "-m", "sh", "-c", mount]);
  const small = new Server({ ...settings, binary });
  // Seen from outside, the mount is not there: its files are reached through the process that has it.
  const inside = (command: string) => run(["nsenter", "-t", String(small.process.pid), "-m", "sh", "-c", command]);
  const filler = join(dataDir, "filler");
  const disk: Disk = {
    // The command fails when the disk is full: that is what it is for.
    fill: async () => void await inside(`cat /dev/zero > '${filler}'`),
    free: async () => void await inside(`rm '${filler}'`),
  };
  try {
    await Promise.all([cluster.servers[0].start(), small.start()]);
    await cluster.setUp();
    await small.ready();
    await body({ cluster, small, disk });
  } catch (error) {
    console.log(small.process.lines.slice(-40).join("\n"));
    throw error;
  } finally {
    await small.kill();
  }
}

async function whyNoSmallDisk(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return `needs Linux, this is ${Deno.build.os}`;
  if (Deno.uid() !== 0) return "needs root";
  const folder = await Deno.makeTempDir();
  try {
    const { success, stderr } = await run(["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "none", folder]);
    return success ? undefined : `needs the right to mount: ${new TextDecoder().decode(stderr).trim()}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await Deno.remove(folder);
  }
}

async function run([command, ...args]: readonly string[]): Promise<Deno.CommandOutput> {
  return await new Deno.Command(command, { args, stdout: "piped", stderr: "piped" }).output();
}
