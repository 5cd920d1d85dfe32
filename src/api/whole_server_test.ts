import assert from "node:assert/strict";
import { createAccounts } from "../accounts/mod.ts";
import { seededRandom, silentLogger, systemClock, systemEntropy } from "../base/mod.ts";
import { ClusterNode } from "../node/mod.ts";
import { faultyStore, type MemoryStore, memoryStore, type StoreFaults } from "../storage/mod.ts";
import { createTemplates } from "../templates/mod.ts";
import { apiRoutes } from "./mod.ts";

/** The API over all that ships, but for disk and sockets. */
async function startedServer(store: MemoryStore, dataDir: string) {
  const faults: StoreFaults = { commitsToFail: 0 };
  const node = await ClusterNode.open({
    nodeId: "0190a000-0000-7000-8000-000000000001",
    bootId: "00112233445566aa",
    facts: { address: "", zone: "au", hostname: "h", version: "0", apiEndpoint: "", protocolMin: 1, protocolMax: 1 },
    store: faultyStore(store, faults),
    clock: systemClock,
    random: seededRandom(1),
    entropy: systemEntropy,
    log: silentLogger,
  });
  const shared = { node, clock: systemClock, entropy: systemEntropy, log: silentLogger };
  const totp = { enabled: false, window: 1, issuer: "Knot" };
  const url = "http://127.0.0.1:3000";
  const accounts = createAccounts({
    ...shared,
    config: { dataDir, url, encrypt: "", timezone: "UTC", ipRateLimiting: true, totp },
  });
  const templates = createTemplates({ ...shared, zone: "au" });
  const api = apiRoutes({ ...shared, accounts, templates, version: "0", zone: "au", url });
  await node.start();
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await api.app.request(path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  return {
    faults,
    send,
    async [Symbol.asyncDispose]() {
      api.close();
      await accounts.close();
      await node.stop();
    },
  };
}

Deno.test("from the first setup over a day's work to a restart, nothing is lost and nobody is signed out", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "knot-api-" });
  const store = memoryStore();
  const root = { username: "root", email: "root@example.com", password: "correct horse" };
  let authorization: string;
  {
    await using server = await startedServer(store, dataDir);
    const { send } = server;
    let token = "";
    for (const deadline = Date.now() + 5_000; token.length < 40 && Date.now() < deadline;) {
      token = (await Deno.readTextFile(`${dataDir}/setup-token`).catch(() => "")).trim();
    }
    assert.equal((await send("POST", "/api/setup", { ...root, token })).status, 201);
    authorization = `Bearer ${(await send("POST", "/api/auth", root)).body.token}`;
    const as = { authorization };

    const { body: group } = await send("POST", "/api/groups", { name: "devs" }, as);
    const ann = { username: "ann", email: "ann@example.com", password: "correct horse", groups: [group.group_id] };
    assert.equal((await send("POST", "/api/users", ann, as)).status, 201);
    const both = await Promise.all([1, 2].map(() => send("POST", "/api/groups", { name: "same" }, as)));
    assert.deepEqual(both.map(({ status }) => status).sort(), [201, 400], "a name is one's as soon as it is asked for");

    const read = await send("GET", "/api/users/ann", undefined, as);
    const tag = { ...as, "if-match": read.headers.get("etag")! };
    assert.equal((await send("PUT", "/api/users/ann", { max_spaces: 4 }, as)).status, 200);
    assert.equal((await send("PUT", "/api/users/ann", { ...read.body, github_username: "ann" }, tag)).status, 200);

    server.faults.commitsToFail = 1;
    assert.equal((await send("POST", "/api/templatevars", { name: "lost" }, as)).status, 507);
    assert.equal((await send("GET", "/api/templatevars/lost", undefined, as)).status, 404);
    assert.equal((await send("POST", "/api/templatevars", { name: "kept", value: "1" }, as)).status, 201);
    assert.equal((await send("DELETE", "/api/groups/same", undefined, as)).status, 200);
  }
  {
    await using server = await startedServer(memoryStore(store.rows()), dataDir);
    const as = { authorization };
    const { body: user } = await server.send("GET", "/api/users/ann", undefined, as);
    assert.deepEqual([user.max_spaces, user.github_username, user.groups.length], [4, "ann", 1]);
    assert.equal((await server.send("GET", "/api/templatevars/kept", undefined, as)).body.value, "1");
    assert.equal((await server.send("GET", "/api/groups/same", undefined, as)).status, 404);
    assert.equal((await server.send("POST", "/api/setup", { ...root, token: "x" })).status, 409);
    assert.equal(await Deno.stat(`${dataDir}/setup-token`).catch(() => "gone"), "gone");
  }
  await Deno.remove(dataDir, { recursive: true });
});
