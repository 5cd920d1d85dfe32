/**
 * Would the simulator notice? Each mutant is the shipped code with one bug planted, in a copy of the repository; its seeds run
 * until one fails. A mutant that survives shows a checker that is blind. Usage:
 * `deno run --allow-read --allow-write --allow-env --allow-run tests/simulation/mutants.ts [name…]`
 */
import { type Mutant, MUTANTS } from "./mutant_list.ts";

/** Seeds that a mutant may survive. */
const SEEDS_MAX = 200;

/** Characters of a failure that fit a line. */
const WHY_MAX = 120;

/** What a copy needs to run the simulator. */
const COPIED = ["deno.json", "deno.lock", "src", "tests/simulation"];

const ROOT = new URL("../../", import.meta.url);

if (import.meta.main) Deno.exitCode = await main(Deno.args);

/** Exit code: 0 all found, 1 one survived or does not apply. */
async function main(names: readonly string[]): Promise<number> {
  const chosen = MUTANTS.filter(({ name }) => names.length === 0 || names.includes(name));
  let survivors = chosen.length === 0 ? 1 : 0;
  for (const mutant of chosen) {
    const { found, line } = await tryMutant(mutant);
    console.log(`${mutant.name.padEnd(34)} ${line}`);
    if (!found) survivors++;
  }
  return survivors === 0 ? 0 : 1;
}

async function tryMutant(mutant: Mutant): Promise<{ found: boolean; line: string }> {
  const folder = await Deno.makeTempDir({ prefix: "knot-mutant-" });
  try {
    for (const path of COPIED) await copy(new URL(path, ROOT).pathname, `${folder}/${path}`);
    const missing = await plant(mutant, folder);
    if (missing !== undefined) return { found: false, line: `does not apply: ${missing}` };
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-check", "--no-prompt", "--allow-read", "--allow-env", "tests/simulation/main.ts"],
        ...["--seed", "1", "--seeds", String(SEEDS_MAX)],
      ],
      cwd: folder,
      stdout: "null",
    }).output();
    const text = new TextDecoder().decode(stderr);
    const [, seed, why] = /^Seed (\d+) failed:\n\s+(.*)$/m.exec(text) ?? [];
    if (seed !== undefined) return { found: true, line: `found at seed ${seed}: ${why.slice(0, WHY_MAX)}` };
    return code === 0
      ? { found: false, line: `SURVIVED ${SEEDS_MAX} seeds` }
      : { found: false, line: `could not be run: ${text.slice(-300)}` };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Puts the bug into the copy; what could not be found there, if anything. */
async function plant({ patches }: Mutant, folder: string): Promise<string | undefined> {
  for (const { file, pattern, replacement } of patches) {
    const path = `${folder}/${file}`;
    const before = await Deno.readTextFile(path);
    const after = before.replace(pattern, replacement);
    if (after === before) return `${pattern} is not in ${file}`;
    await Deno.writeTextFile(path, after);
  }
  return undefined;
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}
