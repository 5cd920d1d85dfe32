import type { Context } from "hono";
import type { WriteOptions } from "../node/mod.ts";
import { ApiError } from "./api_error.ts";

/** How long a request may wait for copies, in milliseconds: less than proxies wait for an answer. */
const WAIT_MS_MAX = 30_000;
const WAIT_MS_DEFAULT = 1_000;
/** More servers than a cluster has. */
const COPIES_MAX = 1_000;

/**
 * `?wait=1s&copies=all|majority|N`: the write is answered when so many servers hold it, or the time is over; either alone takes the other's
 * default, 1 s and all.
 *
 * @throws {ApiError} 400 for what is neither
 */
export function writeOptions(c: Context): WriteOptions | undefined {
  const wait = c.req.query("wait");
  const copies = c.req.query("copies");
  if (wait === undefined && copies === undefined) return undefined;
  return { waitMs: waitMs(wait), copies: copiesWanted(copies) };
}

/**
 * `?wait=1s` on a read: what another server has just acknowledged is waited for. Milliseconds, 0 without it.
 *
 * @throws {ApiError} 400 for what is no time
 */
export function readWaitMs(c: Context): number {
  const wait = c.req.query("wait");
  return wait === undefined ? 0 : waitMs(wait);
}

function waitMs(text: string | undefined): number {
  if (text === undefined) return WAIT_MS_DEFAULT;
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s)$/.exec(text);
  if (!match) {
    throw new ApiError(
      400,
      `Cannot wait "${text}": give a time in ms or s, such as 500ms or 1s; at most ${WAIT_MS_MAX / 1_000}s counts`,
      {
        fields: { wait: "must be a time such as 500ms or 1s" },
      },
    );
  }
  return Math.min(WAIT_MS_MAX, Number(match[1]) * (match[2] === "s" ? 1_000 : 1));
}

function copiesWanted(text: string | undefined): WriteOptions["copies"] {
  if (text === undefined || text === "all") return "all";
  if (text === "majority") return "majority";
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= COPIES_MAX) return count;
  throw new ApiError(400, `Cannot wait for "${text}" copies: give all, majority or a number from 1`, {
    fields: { copies: "must be all, majority or a number from 1" },
  });
}
