import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** Carries one sentence over the redirect that follows a write. */
const FLASH_COOKIE = "__KNOT_FLASH";

/** Long enough for a slow redirect, short enough not to turn up on a page opened later. */
const FLASH_MAX_AGE_S = 30;

/** A sentence fits; a cookie over 4 KiB would be dropped by the browser. */
const FLASH_CHARACTERS_MAX = 300;

/** Between a sentence and its detail; neither has one. */
const DETAIL_MARK = "\n";

/** In front of a sentence that tells of a failure. */
const PROBLEM_MARK = "!";

/** One sentence for the top of the next page. */
export interface Flash {
  readonly text: string;
  /** What is worth a smaller line below it. */
  readonly detail?: string;
  /** It tells of a failure. */
  readonly problem: boolean;
}

/** Shows `text` on the next page that this visitor sees, as good news unless it tells of a `problem`. */
export function setFlash(
  c: Context,
  text: string,
  { problem = false, detail = "" }: { problem?: boolean; detail?: string } = {},
): void {
  const below = detail === "" ? "" : `${DETAIL_MARK}${detail}`;
  const sentence = text.replaceAll(DETAIL_MARK, " ").slice(0, FLASH_CHARACTERS_MAX - below.length - 1);
  setCookie(c, FLASH_COOKIE, `${problem ? PROBLEM_MARK : ""}${sentence}${below}`, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: FLASH_MAX_AGE_S,
  });
}

/** Takes the sentence that the last write left, if any. Callers show it as text, never as markup. */
export function takeFlash(c: Context): Flash | undefined {
  const value = getCookie(c, FLASH_COOKIE)?.slice(0, FLASH_CHARACTERS_MAX);
  if (value === undefined) return undefined;
  deleteCookie(c, FLASH_COOKIE, { path: "/" });
  const problem = value.startsWith(PROBLEM_MARK);
  const [text, detail] = (problem ? value.slice(PROBLEM_MARK.length) : value).split(DETAIL_MARK, 2);
  return { text, detail, problem };
}
