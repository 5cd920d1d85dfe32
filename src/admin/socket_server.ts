import { dirname } from "node:path";
import type { Hono } from "hono";
import { type Logger, silentLogger } from "../base/mod.ts";
import { AdminError } from "./admin.ts";
import { chooseSocketPath, findSocketPaths, forgetSocketPath } from "./socket_path.ts";

/** How long running requests may take when the server stops; commands wait for a disk, not for people. */
const DRAIN_MS = 2_000;

/** The listening socket; disposing lets running requests finish and removes it. */
export interface AdminSocket extends AsyncDisposable {
  /** Where it listens: the wished path, or one in a temporary folder when that is too long for a socket. */
  readonly path: string;
}

/**
 * Serves `app` on a unix socket that only this user may open (mode 600). The socket of a process that died is replaced.
 *
 * @param options `path`: `<data_dir>/knot.sock`; over 107 bytes the socket lies in a private temporary folder, which
 * `<path>.path` names
 * @throws {AdminError} if another process listens there, or the path cannot be used
 */
export async function serveAdminSocket({ path, app, log = silentLogger }: {
  path: string;
  app: Hono;
  log?: Logger;
}): Promise<AdminSocket> {
  let socket = path;
  try {
    await removeStale(path);
    socket = await chooseSocketPath(path);
    const server = listen({ socket, app, log });
    log.debug("Admin socket listens", { path: socket });
    return {
      path: socket,
      async [Symbol.asyncDispose]() {
        await drained(server);
        await removeSocket(socket);
        await forgetSocketPath({ path, socket });
      },
    };
  } catch (cause) {
    if (cause instanceof AdminError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AdminError(
      `Cannot listen on admin socket "${socket}": ${reason}. Let the user that runs knot own "${dirname(socket)}"`,
      { cause },
    );
  }
}

/** The file mode mask is the process's: it is set only while the socket is made, which happens within the call. */
function listen({ socket, app, log }: { socket: string; app: Hono; log: Logger }): Deno.HttpServer<Deno.UnixAddr> {
  const before = Deno.umask(0o177);
  try {
    return Deno.serve({
      path: socket,
      onListen: () => {},
      onError(cause) {
        log.error("Admin request failed", { cause });
        return Response.json({ error: "The server failed; its log says why" }, { status: 500 });
      },
    }, (request) => app.fetch(request));
  } finally {
    Deno.umask(before);
  }
}

/** Removes what a killed process left; a living one is an error. */
async function removeStale(path: string): Promise<void> {
  for (const socket of await findSocketPaths(path)) {
    const found = await Deno.lstat(socket).catch(() => undefined);
    if (found && !found.isSocket) throw new Error("there is a file of that name which is no socket");
    if (found && await answers(socket)) {
      throw new AdminError(`Cannot listen on admin socket "${socket}": another knot server does. Stop it first`);
    }
    if (found) await removeSocket(socket);
    await forgetSocketPath({ path, socket });
  }
}

async function answers(socket: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path: socket })).close();
    return true;
  } catch {
    return false;
  }
}

async function removeSocket(socket: string): Promise<void> {
  try {
    await Deno.remove(socket);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause; // The runtime removes it too when it stops listening.
  }
}

async function drained(server: Deno.HttpServer<Deno.UnixAddr>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, DRAIN_MS));
  await Promise.race([server.shutdown(), late]);
  clearTimeout(timer);
}
