import type { Clock, Logger } from "../base/mod.ts";
import { openKvStore, setDatabaseAside } from "../storage/mod.ts";
import type { Node } from "./contract.ts";
import type { ForgetOutcome } from "./node.ts";
import { readOwnPlace } from "./rows.ts";

/** Why a server that has data starts without it: to take over a cluster's other data set, or to be filled again. */
export type FreshStart = "adopt" | "reseed";

/** A fresh start that makes no sense; nothing was changed. The message says why, and what to do instead. */
export class FreshStartError extends Error {
  override readonly name = "FreshStartError";
}

/** Who this data folder was. */
export interface SetAside {
  /** Where the database is now. */
  readonly path: string;
  /** Undefined where the database could not be read. */
  readonly formerNodeId: string | undefined;
}

/**
 * Moves the local database aside, so that this server starts empty, under a new id, and is filled from the cluster. The old id
 * would give stamps anew that it has given before.
 *
 * @param options `peers`: the configured ones, this server's own address left out
 * @throws {FreshStartError} where nobody could fill the server, there is nothing to set aside, or nothing to adopt
 * @throws {StoreError} if another process holds the folder, or the file cannot be moved
 */
export async function setLocalDataAside({ how, dataDir, peers, clock, log }: {
  how: FreshStart;
  dataDir: string;
  peers: readonly string[];
  clock: Clock;
  log: Logger;
}): Promise<SetAside> {
  const tried = `Cannot start with --${how}`;
  if (peers.length === 0) {
    throw new FreshStartError(
      `${tried}: no other server is configured that could fill this one; name one in server.cluster.peers`,
    );
  }
  const formerNodeId = how === "adopt" ? await mayAdopt({ dataDir, tried, log }) : await nodeIdIn({ dataDir, log });
  const path = await setDatabaseAside({ dataDir, clock });
  if (path === undefined) {
    throw new FreshStartError(`${tried}: there is no database in "${dataDir}"; start without --${how}`);
  }
  log.warn("The local data were set aside: the server starts empty, under a new id, and is filled from the cluster", {
    path,
    formerNodeId,
    wayBack: `stop the server, move "${path}" (and its -wal) back to its old name, remove knot.lock, and start again`,
  });
  if (formerNodeId === undefined) {
    log.warn("Cannot read this server's former id: take it out of the cluster with knot cluster forget", { dataDir });
  }
  return { path, formerNodeId };
}

/**
 * Takes the server's former id out of the cluster as soon as the others have noticed that it is gone: nobody shall wait for it any
 * more. Returns what ends the watch.
 */
export function forgetFormer(
  { node, formerNodeId, log }: {
    node: Pick<Node, "status" | "onStatus"> & { forget(id: string): ForgetOutcome };
    formerNodeId: string;
    log: Logger;
  },
): () => void {
  const look = () => {
    const former = node.status().members.find(({ id }) => id === formerNodeId);
    if (former === undefined || former.state === "alive" || former.state === "suspect") return;
    unsubscribe();
    if (node.forget(formerNodeId) === "forgotten") log.info("Forgot the former id of this server", { formerNodeId });
  };
  const unsubscribe = node.onStatus(look);
  return unsubscribe;
}

/** The former id, where the data are those of another data set. */
async function mayAdopt(
  { dataDir, tried, log }: { dataDir: string; tried: string; log: Logger },
): Promise<string | undefined> {
  await using store = await openKvStore({ dataDir, readOnly: true, log });
  const { nodeId, lineage, members } = await readOwnPlace(store);
  if (lineage === undefined) {
    throw new FreshStartError(
      `${tried}: this server holds no data set yet and adopts the cluster's by itself; start without --adopt`,
    );
  }
  const theirs = members.filter(({ id, state }) => id !== nodeId && state !== "left")
    .map(({ facts }) => facts?.lineage ?? "").filter((known) => known !== "");
  if (theirs.length > 0 && theirs.every((known) => known === lineage)) {
    throw new FreshStartError(
      `${tried}: this server holds the cluster's data set already; start without --adopt. To fill it anew, use --reseed`,
    );
  }
  return nodeId;
}

/** A damaged database may not even tell its id. */
async function nodeIdIn({ dataDir, log }: { dataDir: string; log: Logger }): Promise<string | undefined> {
  try {
    await using store = await openKvStore({ dataDir, readOnly: true, log });
    return (await readOwnPlace(store)).nodeId;
  } catch {
    return undefined;
  }
}
