import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** Carries one sentence over the redirect that follows a write. */
const FLASH_COOKIE = "__KNOT_FLASH";

/** Long enough for a slow redirect, short enough not to turn up on a page opened later. */
const FLASH_MAX_AGE_S = 30;

/** A sentence fits; a cookie over 4 KiB would be dropped by the browser. */
const FLASH_CHARACTERS_MAX = 300;

/** Shows `text` on the next page that this visitor sees. */
export function setFlash(c: Context, text: string): void {
  setCookie(c, FLASH_COOKIE, text.slice(0, FLASH_CHARACTERS_MAX), {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    maxAge: FLASH_MAX_AGE_S,
  });
}

/** Takes the sentence that the last write left, if any. Callers show it as text, never as markup. */
export function takeFlash(c: Context): string | undefined {
  const text = getCookie(c, FLASH_COOKIE);
  if (text === undefined) return undefined;
  deleteCookie(c, FLASH_COOKIE, { path: "/" });
  return text.slice(0, FLASH_CHARACTERS_MAX);
}
