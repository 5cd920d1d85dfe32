import assert from "node:assert/strict";
import { browserIsInstalled } from "./chromium.ts";

/**
 * The browser's driver looks around in /proc as soon as it is loaded, and Deno opens that only to programs that may do everything: so it
 * has a process of its own, and the other tests keep their few permissions.
 */
Deno.test({
  name: "people use the pages in a real browser (see people.ts)",
  ignore: !browserIsInstalled(),
  async fn() {
    const file = new URL("./people.ts", import.meta.url).pathname;
    const args = ["test", "--quiet", "--allow-all", file];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(code, 0, text(stdout) + text(stderr));
    assert.match(text(stdout), /1 passed \(\d+ steps\)/);
  },
});
