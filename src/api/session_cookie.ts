import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** The cookie of the original, which the pages use too. */
const SESSION_COOKIE = "__KNOT_WEBUI_SESSION";

/** The session's secret, or undefined. */
export function sessionCookie(c: Context): string | undefined {
  return getCookie(c, SESSION_COOKIE) || undefined;
}

/** Sets the cookie; scripts cannot read it, other sites' requests do not carry it, and it stays on https where we are. */
export function setSessionCookie(
  c: Context,
  { token, maxAgeSeconds, publicUrl }: { token: string; maxAgeSeconds: number; publicUrl: string },
): void {
  setCookie(c, SESSION_COOKIE, token, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isHttps(c, publicUrl),
    maxAge: maxAgeSeconds,
  });
}

/** Takes the cookie away. */
export function clearSessionCookie(c: Context, publicUrl: string): void {
  deleteCookie(c, SESSION_COOKIE, { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps(c, publicUrl) });
}

/** Also behind a proxy that ends TLS: then the host is that of `server.url`. */
function isHttps(c: Context, publicUrl: string): boolean {
  if (new URL(c.req.url).protocol === "https:") return true;
  const url = URL.parse(publicUrl);
  return url?.protocol === "https:" && c.req.header("Host") === url.host;
}
