/**
 * Builds `dist/knot`: the bundled program, `static/` and Deno in one executable. Deno's own half of it comes from
 * Deno's site, or, where that cannot be reached, from the npm registry. Usage: `deno task compile [--target TRIPLE]`.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import settings from "../deno.json" with { type: "json" };
import { NPM_DENO_VERSION, npmCompileKit } from "./npm_deno.ts";

const ROOT = join(import.meta.dirname!, "..");
const STAGE = join(ROOT, "dist", "stage");

/** Behind a black hole `deno compile` waits for minutes: ask first, and no longer than a person would. */
const PROBE_TIMEOUT_MS = 3_000;

/** The only platform for which the npm registry holds all that is needed. */
const NPM_TARGET = "x86_64-unknown-linux-gnu";

/**
 * What the executable may do without asking, and how much memory is kept for what is young: the very flags of the task that starts a
 * server from source. The runtime's own choice for the latter, 32 MiB twice, is never given back while a server works, and gains
 * nothing but a tenth of the time of lists of ten thousand records.
 */
const RUNTIME = settings.tasks.start.command.split(" ").filter((word) => /^--(allow-|v8-flags=)/.test(word));

const COMPILE = [
  "compile",
  "--no-config",
  "--no-lock",
  "--no-check",
  "--no-remote",
  "--no-npm",
  "--no-prompt",
  // The cache would be a file of a known name in the common temporary folder, which others could write first.
  "--no-code-cache",
  "--include=static",
  ...settings.unstable.map((feature) => `--unstable-${feature}`),
  ...RUNTIME,
];

if (import.meta.main) {
  try {
    await compile(Deno.args);
  } catch (cause) {
    console.error(`compile: ${cause instanceof Error ? cause.message : cause}`);
    Deno.exitCode = 1;
  }
}

async function compile(args: string[]): Promise<void> {
  const { values: { target } } = parseArgs({ args, options: { target: { type: "string" } } });
  const output = join(ROOT, "dist", target === undefined ? "knot" : `knot-${target}`);
  await stage();
  try {
    if (await denoSiteAnswers(target ?? Deno.build.target)) {
      console.log(`Compiling with Deno ${Deno.version.deno} and its runtime from Deno's site`);
      await succeed(Deno.execPath(), [...COMPILE, ...targetFlag(target), `--output=${output}`, "main.js"]);
    } else if ((target ?? Deno.build.target) === NPM_TARGET) {
      console.log(`Deno's site cannot be reached: compiling with Deno ${NPM_DENO_VERSION} from the npm registry`);
      const { deno, denort } = await npmCompileKit(await cacheDir());
      await succeed(deno, [...COMPILE, `--output=${output}`, "main.js"], { DENORT_BIN: denort });
    } else {
      throw new Error(`Cannot compile for ${target ?? Deno.build.target}: https://dl.deno.land cannot be reached`);
    }
  } finally {
    await Deno.remove(STAGE, { recursive: true });
  }
  if (target === undefined || target === Deno.build.target) await smokeTest(output);
  else console.log(`Made ${output}; it was not started, being for another platform`);
}

/**
 * The bundle and what it reads at run time, in a folder of their own: everything in it ends up in the executable. What the
 * server serves lies flat in `static/`; its folders hold what only the README shows.
 */
async function stage(): Promise<void> {
  await Deno.remove(STAGE, { recursive: true }).catch(() => {});
  await Deno.mkdir(join(STAGE, "static"), { recursive: true });
  const bundle = ["bundle", "--quiet", "--frozen", "--platform=deno", `--output=${join(STAGE, "main.js")}`, "main.ts"];
  await succeed(Deno.execPath(), bundle, {}, ROOT);
  for await (const entry of Deno.readDir(join(ROOT, "static"))) {
    if (entry.isFile) {
      await Deno.copyFile(join(ROOT, "static", entry.name), join(STAGE, "static", entry.name));
    }
  }
}

/** True when the runtime for `target` is here already or can be downloaded now. */
async function denoSiteAnswers(target: string): Promise<boolean> {
  const path = `release/v${Deno.version.deno}/denort-${target}.zip`;
  if (Deno.env.has("DENORT_BIN") || await Deno.stat(join(await cacheDir(), path)).then(() => true, () => false)) {
    return true;
  }
  const request = { method: "HEAD", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) };
  return await fetch(`https://dl.deno.land/${path}`, request).then((answer) => answer.ok, () => false);
}

/** Where Deno itself keeps downloaded runtimes. */
async function cacheDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return join(JSON.parse(new TextDecoder().decode(stdout)).denoDir, "dl");
}

function targetFlag(target: string | undefined): string[] {
  return target === undefined ? [] : [`--target=${target}`];
}

/** A wrong runtime makes an executable that fails only when it runs. */
async function smokeTest(binary: string): Promise<void> {
  const started = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(binary, {
    args: ["version"],
    cwd: "/",
    clearEnv: true,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) throw new Error(`Cannot use ${binary}: "knot version" failed: ${text(stderr)}`);
  const megabytes = Math.round((await Deno.stat(binary)).size / 1e6);
  const elapsedMs = Math.round(performance.now() - started);
  console.log(`Made ${binary}: ${megabytes} MB, answers "${text(stdout)}" after ${elapsedMs} ms`);
}

async function succeed(command: string, args: string[], env: Record<string, string> = {}, cwd = STAGE): Promise<void> {
  const { success } = await new Deno.Command(command, { args, cwd, env, stdout: "inherit", stderr: "inherit" })
    .output();
  if (!success) throw new Error(`"deno ${args[0]}" failed; what it said stands above`);
}
