import { dirname, join } from "node:path";

/** The socket's name in the data folder. */
export const SOCKET_FILE = "knot.sock";

/** Longest path of a unix socket, in bytes: `sun_path` of Linux has 108, with an end byte; of macOS and BSD 104. */
const SOCKET_PATH_BYTES_MAX = Deno.build.os === "linux" ? 107 : 103;

/** A longer path has the socket elsewhere; this file beside it then says where. */
function pointerTo(path: string): string {
  return `${path}.path`;
}

/** Where to listen for the socket that is wished at `path`: there, or in a new private folder when that is too long. */
export async function chooseSocketPath(path: string): Promise<string> {
  if (fits(path)) return path;
  const folder = await Deno.makeTempDir({ prefix: "knot-" }); // Mode 700.
  const elsewhere = join(folder, SOCKET_FILE);
  await Deno.writeTextFile(pointerTo(path), elsewhere, { mode: 0o600 });
  return elsewhere;
}

/**
 * Where the socket that was wished at `path` may be, likeliest first: where the pointer says, and there. Both can be left of
 * killed servers when the folder was moved in between.
 */
export async function findSocketPaths(path: string): Promise<string[]> {
  const pointed = (await Deno.readTextFile(pointerTo(path)).catch(() => "")).trim();
  return [pointed, path].filter((candidate) => candidate !== "" && fits(candidate));
}

function fits(path: string): boolean {
  return new TextEncoder().encode(path).length <= SOCKET_PATH_BYTES_MAX;
}

/** Removes what {@link chooseSocketPath} left behind, now or in a process that was killed. `socket` itself is gone already. */
export async function forgetSocketPath({ path, socket }: { path: string; socket: string }): Promise<void> {
  if (socket === path) return;
  await Deno.remove(dirname(socket)).catch(() => {}); // Only the empty folder; it may be gone already.
  await Deno.remove(pointerTo(path)).catch(() => {});
}
