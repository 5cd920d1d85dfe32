import assert from "node:assert/strict";
import { type ApiBench, apiBench } from "../../tests/fakes/api_bench.ts";
import { OPERATOR, Permission } from "../accounts/mod.ts";

/** Reads events from one stream as they come. */
class Listener {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type")!, /^text\/event-stream/);
    this.#reader = response.body!.getReader();
  }

  /** The next event's data, or undefined when the stream has ended. */
  async next(): Promise<{ type?: string; payload?: { id: string }; status?: string } | undefined> {
    while (true) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const data = /^data: (.*)$/m.exec(block);
        if (data) return JSON.parse(data[1]);
        continue;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += new TextDecoder().decode(value);
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function listen(bench: ApiBench, as: string): Promise<Listener> {
  const listener = new Listener(
    await bench.api.app.request("/api/events", { headers: { authorization: `Bearer ${as}` } }),
  );
  assert.deepEqual(await listener.next(), { status: "ok" });
  return listener;
}

async function signedIn(bench: ApiBench, username: string, permissions: number[]): Promise<string> {
  const role = await bench.role(`role-${username}`, permissions);
  await bench.user(username, { roles: [role] });
  return (await bench.signIn(username)).sessionToken;
}

Deno.test("listeners hear of what they may see, gathered, each record once", async () => {
  await using bench = await apiBench();
  const listener = await listen(bench, await signedIn(bench, "ann", [Permission.ManageGroups]));
  const group = await bench.group("devs");
  await bench.accounts.groups.update(OPERATOR, group, { max_spaces: 2 });
  await bench.role("unseen", []);
  await bench.templates.variables.create(OPERATOR, { name: "unseen" });
  await bench.user("unseen");
  bench.clock.advance(50);
  await bench.accounts.groups.delete(OPERATOR, group);
  bench.clock.advance(50);
  assert.deepEqual(await listener.next(), { type: "groups:changed", payload: { id: group } });
  assert.deepEqual(await listener.next(), { type: "groups:deleted", payload: { id: group } });
  await listener.cancel();
  bench.clock.advance(1_000); // The audit log writes.
  assert.equal(bench.clock.timers, 2, "only the accounts' own are left");
});

Deno.test("listeners hear of themselves without a permission", async () => {
  await using bench = await apiBench();
  const as = await signedIn(bench, "ann", []);
  const listener = await listen(bench, as);
  const me = bench.accounts.users.get("ann")!.user_id;
  await bench.accounts.users.update(OPERATOR, me, { max_spaces: 2 });
  bench.clock.advance(50);
  assert.deepEqual(await listener.next(), { type: "users:changed", payload: { id: me } });
  await listener.cancel();
});

Deno.test("a template that vanishes from sight is deleted to who saw it, and never was to others", async () => {
  await using bench = await apiBench();
  const { templates } = bench.templates;
  const create = async (input: Record<string, unknown>) => {
    const outcome = await templates.create(OPERATOR, { platform: "docker", ...input });
    assert.ok(outcome.kind === "created");
    return outcome.id;
  };
  const seen = await create({ name: "seen" });
  const hidden = await create({ name: "hidden", active: false });
  const listener = await listen(bench, await signedIn(bench, "ann", []));
  await templates.update(OPERATOR, hidden, { description: "x" });
  await templates.delete(OPERATOR, hidden);
  await templates.update(OPERATOR, seen, { description: "x" });
  bench.clock.advance(50);
  assert.deepEqual(await listener.next(), { type: "templates:changed", payload: { id: seen } });
  await templates.update(OPERATOR, seen, { zones: ["gb"] });
  bench.clock.advance(50);
  assert.deepEqual(await listener.next(), { type: "templates:deleted", payload: { id: seen } });
  await listener.cancel();
});

Deno.test("the cluster's state is told to those who may see it", async () => {
  await using bench = await apiBench();
  const may = await listen(bench, await signedIn(bench, "ann", [Permission.ViewClusterInfo]));
  const mayNot = await listen(bench, await signedIn(bench, "bob", []));
  bench.node.setStatus({});
  bench.clock.advance(50);
  assert.deepEqual(await may.next(), { type: "cluster-info:changed", payload: { id: "" } });
  const bob = bench.accounts.users.get("bob")!.user_id;
  await bench.accounts.users.update(OPERATOR, bob, { max_spaces: 2 });
  bench.clock.advance(50);
  assert.equal((await mayNot.next())!.type, "users:changed");
  await Promise.all([may.cancel(), mayNot.cancel()]);
});

Deno.test("a stream ends, and says why, when its listener may not any more", async () => {
  await using bench = await apiBench();
  const as = await signedIn(bench, "ann", [Permission.ManageGroups]);
  const listener = await listen(bench, as);
  await bench.accounts.users.update(OPERATOR, "ann", { active: false });
  await bench.group("secret");
  bench.clock.advance(50);
  assert.deepEqual(await listener.next(), { type: "auth:required" });
  assert.equal(await listener.next(), undefined);
});

Deno.test("a quiet stream is kept alive, and its listener checked", async () => {
  await using bench = await apiBench();
  const listener = await listen(bench, await signedIn(bench, "ann", []));
  bench.clock.advance(15_000);
  await bench.accounts.users.delete(OPERATOR, "ann");
  bench.clock.advance(15_000);
  assert.equal((await listener.next())!.type, "auth:required");
});

Deno.test("a stream that fails ends, and nothing else does", async () => {
  await using bench = await apiBench();
  const listener = await listen(bench, await signedIn(bench, "ann", [Permission.ManageGroups]));
  await bench.group("devs");
  bench.node.get = () => {
    throw new Error("broken");
  };
  bench.clock.advance(50);
  assert.equal(await listener.next(), undefined);
  assert.ok(bench.log.lines.some(({ message }) => message === "An event stream failed"));
});

Deno.test("a listener who does not read is let go", async () => {
  await using bench = await apiBench();
  const response = await bench.api.app.request("/api/events", {
    headers: { authorization: `Bearer ${await signedIn(bench, "ann", [Permission.ManageGroups])}` },
  });
  const before = bench.node.listeners;
  const group = await bench.group("devs");
  for (let i = 1; i < 5_000 && bench.node.listeners === before; i++) {
    await bench.accounts.groups.update(OPERATOR, group, { max_spaces: i });
    bench.clock.advance(50);
  }
  assert.ok(bench.node.listeners < before);
  await response.body!.cancel();
});

Deno.test("a user has twenty streams at most, and close() ends all", async () => {
  await using bench = await apiBench();
  const as = await signedIn(bench, "ann", []);
  const listeners = [];
  for (let i = 0; i < 20; i++) listeners.push(await listen(bench, as));
  const refused = await bench.send("GET", "/api/events", { as });
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "10"]);
  await listeners[0].cancel();
  listeners[0] = await listen(bench, as);
  bench.api.close();
  for (const listener of listeners) assert.equal(await listener.next(), undefined);
});
