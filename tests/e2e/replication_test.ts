import assert from "node:assert/strict";
import { type ApiClient, type Cluster, clusterTest, eachTransport, timed, until } from "./mod.ts";

/** What the product promises for a write on a healthy cluster. */
const SEEN_EVERYWHERE_MS = 500;

/** Long enough for anything that arrives at all; the promise is asserted on the measured time. */
const PATIENCE_MS = 10_000;

const USER = { password: "a-long-password", roles: [], groups: [], active: true };

/** How long after its acknowledgement `path` was at each of `others`, in milliseconds. */
async function seenAfterMs(others: readonly ApiClient[], path: string): Promise<number[]> {
  return await Promise.all(others.map(async (other) => {
    const seen = () => until(`${path} is at ${other.url}`, PATIENCE_MS, () => other.get(path));
    return (await timed(seen)).elapsedMs;
  }));
}

async function assertSeenInTime(what: string, others: readonly ApiClient[], path: string): Promise<void> {
  const times = await seenAfterMs(others, path);
  console.log(`${what} was at the others ${times.join(" and ")} ms after its acknowledgement`);
  for (const elapsedMs of times) assert.ok(elapsedMs <= SEEN_EVERYWHERE_MS, `${what}: ${elapsedMs} ms`);
}

const without = <T>(items: readonly T[], index: number) => items.filter((_, at) => at !== index);

async function restartOneByOne(cluster: Cluster): Promise<void> {
  for (const server of cluster.servers) {
    await server.stop();
    await server.start();
    await server.ready();
  }
}

for (const transport of eachTransport) {
  clusterTest("writes at any server are at every server", { servers: 3, transport }, async (cluster, test) => {
    const admins = await cluster.signIn();
    await cluster.allAlive(admins);

    await test.step("a user made at one server is at the others within 500 ms", async () => {
      for (const [index, admin] of admins.entries()) {
        const username = `user-${index}`;
        const { user_id } = await admin.create("/api/users", { ...USER, username, email: `${username}@example.com` });
        await assertSeenInTime(`A user made at server ${index + 1}`, without(admins, index), `/api/users/${user_id}`);
      }
    });

    await test.step("a template made at one server is at the others within 500 ms", async () => {
      for (const [index, admin] of admins.entries()) {
        const { template_id } = await admin.create("/api/templates", {
          name: `template-${index}`,
          platform: "docker",
          job: `image: "debian:12" # ${index}\n`,
        });
        const path = `/api/templates/${template_id}`;
        await assertSeenInTime(`A template made at server ${index + 1}`, without(admins, index), path);
      }
    });

    await test.step("edits of different fields at two servers at the same moment both survive", async () => {
      const path = "/api/users/user-0";
      await Promise.all([
        admins[0].update(path, { max_spaces: 7 }),
        admins[1].update(path, { github_username: "octocat" }),
        admins[2].update(path, { preferred_shell: "fish" }),
      ]);
      await Promise.all(admins.map((admin) =>
        until(`All three edits are at ${admin.url}`, PATIENCE_MS, async () => {
          const { max_spaces, github_username, preferred_shell } = await admin.get(path);
          return max_spaces === 7 && github_username === "octocat" && preferred_shell === "fish";
        })
      ));
    });

    await test.step("a deleted user is gone everywhere, and stays gone after restarts", async () => {
      const { user_id } = await admins[0].get("/api/users/user-1");
      const path = `/api/users/${user_id}`;
      await admins[2].remove(path);
      const isGone = async (admin: ApiClient) => (await admin.request("GET", path)).status === 404;
      await Promise.all(admins.map((admin) => until(`${path} is gone`, PATIENCE_MS, () => isGone(admin))));
      await restartOneByOne(cluster);
      await cluster.allAlive(admins);
      for (const admin of admins) {
        assert.ok(await isGone(admin), `${path} came back at ${admin.url}`);
        const { users } = await admin.get("/api/users");
        assert.deepEqual(users.map((user: { username: string }) => user.username).sort(), [
          "admin",
          "user-0",
          "user-2",
        ]);
      }
    });
  });
}
