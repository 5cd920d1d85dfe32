import { loadConfig, type Loaded, type Sources } from "./load.ts";

/** A key as `knot genkey` makes it. */
export const CLUSTER_KEY = "NDJuIFxrRbWLp6tKhVzyqNs5H5fCK1Cl";

/** Loads from files that exist only here, by absolute path, with cwd `/work` and home `/home/ann`. */
export function loadWith(
  { files = {}, ...sources }: { files?: Record<string, string> } & Partial<Omit<Sources, "readFile">>,
): Loaded {
  return loadConfig({
    flags: {},
    env: {},
    cwd: "/work",
    home: "/home/ann",
    machine: { hostname: "box", timezone: "Europe/Zurich" },
    ...sources,
    readFile: (path) => {
      if (!(path in files)) throw new Deno.errors.NotFound(`No such file or directory (os error 2): open '${path}'`);
      return files[path];
    },
  });
}

/** The problems of a `knot.toml` with this text; none where it is valid. */
export function problemsOf(toml: string, sources: Partial<Sources> = {}): readonly string[] {
  const loaded = loadWith({ files: { "/work/knot.toml": toml }, ...sources });
  return loaded.kind === "invalid" ? loaded.problems : [];
}

/** The warnings of a `knot.toml` with this text. */
export function warningsOf(toml: string): readonly string[] {
  return loadWith({ files: { "/work/knot.toml": toml } }).warnings;
}
