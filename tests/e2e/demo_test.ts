import assert from "node:assert/strict";
import { join } from "node:path";
import settings from "../../deno.json" with { type: "json" };
import { until } from "./mod.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** The product promises 15 s on a machine that does nothing else. */
const READY_MS = 40_000;

function demo(...args: string[]): Deno.ChildProcess {
  const [, ...words] = settings.tasks.demo.command.split(" ");
  return new Deno.Command(Deno.execPath(), { args: [...words, ...args], cwd: ROOT, stdout: "piped", stderr: "piped" })
    .spawn();
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT"); // Harmless to a process that runs.
    return true;
  } catch {
    return false;
  }
}

Deno.test("the demo shows its servers and the sign-in, and leaves nothing behind when it is stopped", async () => {
  const process = demo("--servers", "2");
  const errors = new Response(process.stderr).text();
  let said = "";
  const read = (async () => {
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  try {
    await until("The demo is ready", READY_MS, () => said.includes("Ctrl-C"));
    const servers = [...said.matchAll(/^ +(\w+) +(http:\S+) +\S+ +(\d+)$/gm)]
      .map(([, zone, url, pid]) => ({ zone, url, pid: Number(pid) }));
    assert.deepEqual(servers.map(({ zone }) => zone), ["au", "gb"], said);
    const [, email] = /sign in +(\S+)/.exec(said)!;
    const [, password] = /password +(\S+)/.exec(said)!;
    const answer = await fetch(new URL("/api/auth", servers[1].url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    await answer.body?.cancel();
    assert.equal(answer.status, 200);

    // What it says to try in another terminal works as it stands.
    const [command] = /^ +\S.* cluster members --config \S+$/m.exec(said)!;
    const shown = await new Deno.Command("sh", { args: ["-c", command], cwd: "/" }).output();
    const table = new TextDecoder().decode(shown.stdout);
    assert.deepEqual([shown.code, [...table.matchAll(/^(au|gb) +knot\d +\w{6} +alive/gm)].length], [0, 2], table);

    process.kill("SIGTERM");
    assert.equal((await process.status).code, 0);
    assert.deepEqual(servers.filter(({ pid }) => isRunning(pid)), []);
  } catch (error) {
    process.kill("SIGTERM");
    console.log(said, await errors);
    throw error;
  } finally {
    await Promise.all([process.status, read, errors]);
  }
});

Deno.test("the demo explains itself when it is called wrongly", async () => {
  const { code, stderr } = await demo("--servers", "many").output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /--servers N/);
});
