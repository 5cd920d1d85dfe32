import { COMPOSITION_ROOT, PURE_ROOMS, ROOMS } from "./rooms.ts";
import { withoutComments } from "./source_text.ts";

/** Source files by path from the repository's root, with `/` between folders. */
export type Sources = ReadonlyMap<string, string>;

/** Static, re-exporting and dynamic imports; the name of the module is the one group. */
const IMPORT = /(?:\b(?:import|export)\b[^;"'`]*?\bfrom\s*|\bimport\s*\(?\s*)["'`]([^"'`]+)["'`]/g;

/** What a pure room may not name: time, chance, waiting and the machine. */
const IMPURE: ReadonlyArray<readonly [name: string, pattern: RegExp]> = [
  ["Date.now", /\bDate\s*\.\s*now\b/],
  ["new Date()", /\bnew\s+Date\s*\(\s*\)/],
  ["performance", /\bperformance\s*\./],
  ["Math.random", /\bMath\s*\.\s*random\b/],
  ["crypto", /\b(?:globalThis\s*\.\s*)?crypto\s*\./],
  ["timers", /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ["await", /\bawait\b/],
  ["async", /\basync\b/],
  ["Promise", /\bnew\s+Promise\b|\bPromise\s*\./],
  ["Deno", /\bDeno\s*[.[]/],
  ["fetch", /\bfetch\s*\(/],
  ["console", /\bconsole\s*\./],
];

/** Modules of Node's that read files, clocks or sockets; a hash is pure. */
const PURE_NODE_MODULES: readonly string[] = ["node:buffer", "node:crypto"];

/** `src/wire/codec.ts` → `wire`; `src/app.ts` → `app`; what lies elsewhere → undefined. */
export function roomOf(path: string): string | undefined {
  const [top, room, ...rest] = path.split("/");
  if (top !== "src" || room === undefined) return undefined;
  return rest.length > 0 ? room : room.replace(/\.tsx?$/, "");
}

/** One line for each room that is not on the list, and for each room without a `mod.ts` that says what it is for. */
export function roomProblems(sources: Sources): string[] {
  const rooms = new Set([...sources.keys()].map(roomOf).filter((room) => room !== undefined));
  return [...rooms].flatMap((room) => {
    if (room === COMPOSITION_ROOT) return [];
    if (!(room in ROOMS)) return [`src/${room} is not on the list of rooms`];
    const entry = sources.get(`src/${room}/mod.ts`);
    if (entry === undefined) return [`src/${room} has no mod.ts`];
    return entry.startsWith("/**") ? [] : [`src/${room}/mod.ts does not begin with what the room is for`];
  });
}

/** One line for each import that goes against the table of rooms, or past a room's `mod.ts`. Tests may cross rooms. */
export function importProblems(sources: Sources): string[] {
  return shipped(sources).flatMap(([path, source]) =>
    localImports(path, source).flatMap((target) => {
      const from = roomOf(path);
      const to = roomOf(target);
      if (from === to || to === undefined) return [];
      if (from === undefined) {
        return path === "main.ts" && to === "cli" ? [] : [`${path} imports ${target}`];
      }
      if (to !== COMPOSITION_ROOT && target !== `src/${to}/mod.ts`) {
        return [`${path} imports ${target}: other rooms import src/${to}/mod.ts only`];
      }
      if (from === COMPOSITION_ROOT || ROOMS[from]?.includes(to)) return [];
      return [`${path} imports ${target}: ${from} may import ${ROOMS[from]?.join(", ") || "no room"}`];
    })
  );
}

/** One line for each thing in a pure room that reads time, chance or the machine, or that waits. */
export function purityProblems(sources: Sources): string[] {
  return shipped(sources).filter(([path]) => PURE_ROOMS.includes(roomOf(path) ?? "")).flatMap(([path, source]) => {
    const code = withoutComments(source, { keepStrings: false });
    const named = IMPURE.filter(([, pattern]) => pattern.test(code)).map(([name]) => `${path} uses ${name}`);
    const modules = importedModules(source)
      .filter((module) => module.startsWith("node:") && !PURE_NODE_MODULES.includes(module))
      .map((module) => `${path} imports ${module}`);
    return [...named, ...modules];
  });
}

/** One line for each statement of `main.ts` past the single one that it may hold beside its imports. */
export function mainProblems(sources: Sources): string[] {
  const code = withoutComments(sources.get("main.ts") ?? "", { keepStrings: true });
  const statements = code.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("import ") && !line.startsWith("#!"));
  return statements.slice(1).map((line) => `main.ts does more than run the command line: ${line}`);
}

/** Every module that `source` names, as it is written there. */
export function importedModules(source: string): string[] {
  return [...withoutComments(source, { keepStrings: true }).matchAll(IMPORT)].map((match) => match[1]);
}

/** Tests, and the fakes and fixtures that stand beside them, are not shipped. */
const UNSHIPPED = /(?:_test|_bench|_fixture|\/fake_\w+)\.tsx?$/;

function shipped(sources: Sources): Array<[string, string]> {
  return [...sources].filter(([path]) => (path.startsWith("src/") || path === "main.ts") && !UNSHIPPED.test(path));
}

/** The imported files of this repository, as paths from its root; style sheets and texts are no rooms. */
function localImports(path: string, source: string): string[] {
  return importedModules(source)
    .filter((module) => module.startsWith(".") && /\.tsx?$/.test(module))
    .map((module) => new URL(module, `file:///${path}`).pathname.slice(1));
}
