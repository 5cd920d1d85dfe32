import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { definitionOf, KEY_NAMES } from "./keys.ts";
import { scaffold } from "./scaffold.ts";
import { loadWith } from "./sources_fixture.ts";
import { tomlLines } from "./toml_lines.ts";

/** Takes the `#` away in front of keys; prose has a space behind its `#`. */
const uncommented = scaffold().replaceAll(/^#(?=[a-z_]+ = )/gm, "");

Deno.test("scaffold() sets nothing as it is printed", () => {
  const flat = JSON.stringify(parse(scaffold()));
  assert.equal(flat, '{"server":{"cluster":{},"tls":{},"totp":{}},"tls":{},"log":{}}');
});

Deno.test("scaffold() has every key, its flag and its variable", () => {
  const lines = tomlLines(uncommented);
  for (const key of KEY_NAMES) {
    const { flag, environment } = definitionOf(key);
    assert.ok(lines.has(key), `${key} is missing`);
    assert.match(scaffold(), new RegExp(`--${flag}\\b`), `--${flag} is missing`);
    assert.match(scaffold(), new RegExp(`\\b${environment}\\b`), `${environment} is missing`);
  }
});

Deno.test("scaffold() shows the defaults", () => {
  const shown = loadWith({ files: { "/work/knot.toml": uncommented } });
  const defaults = loadWith({});
  assert.ok(shown.kind === "loaded" && defaults.kind === "loaded", JSON.stringify(shown));
  assert.deepEqual(shown.config, defaults.config);
  assert.deepEqual(shown.warnings, []);
});
