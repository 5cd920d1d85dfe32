import { type Context, Hono } from "hono";
import { etagOf } from "./etag.ts";

/**
 * Where the static files may lie, seen from this module: beside the bundle (whose `import.meta.dirname` is its own folder, also
 * inside a compiled executable), or beside `src/` in the source tree. The bundle's place comes first: seen from inside an executable
 * the other one is a folder of the machine, into which somebody else may have put scripts.
 */
const STATIC_FOLDER_CANDIDATES = ["./static", "../../static"];

/** A browser keeps a fingerprinted address for a year, the longest that RFC 9111 caches honour in practice. */
const FINGERPRINTED_MAX_AGE_S = 31_536_000;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  webmanifest: "application/manifest+json",
};

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Strong entity tag, quotes included (RFC 9110 §8.8.3). */
  readonly etag: string;
}

/** The static files, held in memory: no request reaches the file system, so no path can leave the folder. */
export interface Assets {
  /** Address of a file, with its fingerprint, so that it may be cached for ever; the bare path for an unknown file. */
  url(name: string): string;
  /** Routes under `/static`. */
  readonly routes: Hono;
}

/**
 * Reads all files of the static folder once.
 *
 * @throws {Error} if none of the places where the folder may lie can be read
 */
export function loadAssets(folder: string = findStaticFolder()): Assets {
  const assets = new Map<string, Asset>();
  for (const entry of Deno.readDirSync(folder)) {
    const contentType = CONTENT_TYPES[entry.name.slice(entry.name.lastIndexOf(".") + 1)];
    if (!entry.isFile || contentType === undefined) continue;
    const bytes = Deno.readFileSync(`${folder}/${entry.name}`);
    assets.set(entry.name, { bytes, contentType, etag: etagOf(bytes) });
  }
  const url = (name: string) => {
    const asset = assets.get(name);
    return asset === undefined ? `/static/${name}` : `/static/${name}?v=${asset.etag.slice(1, 9)}`;
  };
  const routes = new Hono();
  routes.get("/:name", (c) => serve(c, assets.get(c.req.param("name"))));
  return { url, routes };
}

function serve(c: Context, asset: Asset | undefined): Response | Promise<Response> {
  if (asset === undefined) return c.notFound();
  const fingerprinted = c.req.query("v") === asset.etag.slice(1, 9);
  c.header("Cache-Control", fingerprinted ? `public, max-age=${FINGERPRINTED_MAX_AGE_S}, immutable` : "no-cache");
  c.header("ETag", asset.etag);
  const known = (c.req.header("If-None-Match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(asset.etag) || known.includes("*")) return c.body(null, 304);
  return c.body(asset.bytes, 200, { "Content-Type": asset.contentType });
}

function findStaticFolder(): string {
  const here = import.meta.dirname ?? ".";
  const tried = STATIC_FOLDER_CANDIDATES.map((candidate) => `${here}/${candidate}`);
  const found = tried.find((folder) => {
    try {
      return Deno.statSync(`${folder}/style.css`).isFile;
    } catch {
      return false; // Not there, or not readable: the next candidate may be.
    }
  });
  if (found === undefined) {
    throw new Error(
      `Cannot load static files: no style.css in ${tried.join(" or ")}; keep "static" beside the program`,
    );
  }
  return found;
}
