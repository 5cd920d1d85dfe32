import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { ADMIN, Cluster } from "../e2e/mod.ts";
import { accessibilityProblems, openBrowser, scrollsSideways } from "./browser.ts";

/** From a write or a crash until the page at another server shows it. */
const SHOWN_WITHIN_MS = 20_000;

/** Every page that an administrator sees; `/users/admin/edit` by name. */
const PATHS = [
  "/",
  "/users",
  "/users?q=nobody",
  "/users/create",
  "/users/admin/edit",
  "/groups",
  "/groups/create",
  "/roles",
  "/roles/create",
  "/templates",
  "/templates/create",
  "/variables",
  "/variables/create",
  "/account",
  "/cluster-info",
  "/nowhere",
];

Deno.test("people use the pages in a real browser (2 servers)", async (test) => {
  await using cluster = await Cluster.start({ servers: 2, transport: "udp" });
  await using browser = await openBrowser();
  const [here, there] = cluster.servers;
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const complaints: string[] = [];
  page.on(
    "console",
    (message) => /Content Security|TypeError/.test(message.text()) && complaints.push(message.text()),
  );
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(here.url)) complaints.push(`asked ${request.url()}`);
  });
  try {
    await test.step("signing in leads to where one wanted to be", async () => {
      await page.goto(`${here.url}/users?q=adm`);
      await page.getByLabel("Email").fill(ADMIN.email);
      await page.getByLabel("Password").fill("not the password");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Password").fill(ADMIN.password);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/users?q=adm");
    });

    await test.step("a user made in the form is in the list, and at the other server", async () => {
      await page.getByRole("link", { name: "New user" }).click();
      await page.getByLabel("Username", { exact: true }).fill("ann");
      await page.getByLabel("Email").fill("ann@example.com");
      await page.getByLabel("Password").fill("correct horse");
      await page.getByRole("button", { name: "Create user" }).click();
      await page.getByRole("status").filter({ hasText: "Created user “ann”" }).waitFor();
      await page.goto(`${here.url}/users`);
      await page.getByLabel("Search").pressSequentially("ANN@");
      await page.getByRole("status").filter({ hasText: "1 of 2" }).waitFor();
      assert.equal(await page.getByRole("row").count(), 2, "the head and ann");
      const elsewhere = await browser.newPage();
      await elsewhere.goto(`${there.url}/login`);
      await elsewhere.getByLabel("Email").fill("ann@example.com");
      await elsewhere.getByLabel("Password").fill("correct horse");
      await elsewhere.keyboard.press("Enter");
      await elsewhere.getByRole("heading", { name: "Hello ann" }).waitFor();
      assert.equal(await elsewhere.getByRole("link", { name: "Cluster Info" }).count(), 0);
      await elsewhere.close();
    });

    await test.step("deleting asks first, and works from the keyboard", async () => {
      await page.getByRole("link", { name: "ann", exact: true }).click();
      await page.getByRole("link", { name: "Delete…" }).press("Enter");
      await page.getByRole("heading", { name: "Delete user “ann”?" }).waitFor();
      await page.getByRole("button", { name: "Delete user" }).press("Enter");
      await page.getByRole("status").filter({ hasText: "Deleted user “ann”" }).waitFor();
    });

    await test.step("the forms work in a browser without scripts", async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const plain = await context.newPage();
      await plain.goto(`${here.url}/login?next=/groups`);
      await plain.getByLabel("Email").fill(ADMIN.email);
      await plain.getByLabel("Password").fill(ADMIN.password);
      await plain.getByRole("button", { name: "Sign in" }).click();
      await plain.getByRole("link", { name: "New group" }).click();
      await plain.getByLabel("Name").fill("Developers");
      await plain.getByRole("button", { name: "Create group" }).click();
      await plain.getByLabel("Search").fill("devel");
      await plain.getByRole("button", { name: "Search" }).click();
      await plain.getByRole("link", { name: "Developers" }).click();
      await plain.getByRole("link", { name: "Delete…" }).click();
      await plain.getByRole("button", { name: "Delete group" }).click();
      await plain.getByRole("heading", { name: "No groups yet" }).waitFor();
      await plain.goto(`${here.url}/cluster-info`);
      await plain.getByRole("link", { name: "Reload for the present state" }).waitFor();
      await context.close();
    });

    for (const colorScheme of ["light", "dark"] as const) {
      await test.step(`no page has a machine-found barrier or scrolls sideways (${colorScheme})`, async () => {
        await page.emulateMedia({ colorScheme });
        for (const width of [1280, 390]) await checkAll(page, here.url, width);
      });
    }

    await test.step("Cluster Info shows a server die and come back, without reloading", async () => {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(`${here.url}/cluster-info`);
      await page.evaluate("globalThis.sameDocument = true");
      const row = page.getByRole("row").filter({ hasText: there.settings.cluster!.peers[1] });
      await row.filter({ hasText: "In sync" }).waitFor({ timeout: SHOWN_WITHIN_MS });
      await there.kill();
      await row.filter({ hasText: "Dead" }).waitFor({ timeout: SHOWN_WITHIN_MS });
      await page.locator(".link.dead").waitFor({ state: "attached" });
      await there.start();
      await row.filter({ hasText: "Alive" }).filter({ hasText: "In sync" }).waitFor({ timeout: SHOWN_WITHIN_MS });
      assert.equal(await page.evaluate("globalThis.sameDocument"), true);
    });

    await test.step("the server stops in time although pages are open", async () => {
      const { code, elapsedMs } = await here.stop();
      assert.equal(code, 0);
      assert.ok(elapsedMs < 5_000, `took ${elapsedMs} ms`);
    });

    await test.step("an open Cluster Info finds the server again after its restart", async () => {
      await page.getByText("Connection lost").waitFor();
      await here.start();
      await page.getByText("Live", { exact: true }).waitFor({ timeout: SHOWN_WITHIN_MS });
    });
    assert.deepEqual(complaints, []);
  } catch (error) {
    cluster.report();
    throw error;
  }
});

async function checkAll(page: Page, url: string, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 844 });
  for (const path of PATHS) {
    await page.goto(url + path);
    assert.deepEqual(await accessibilityProblems(page), [], `${path} at ${width}`);
    assert.equal(await scrollsSideways(page), false, `${path} at ${width}`);
  }
}
