import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Caller, PermissionNumber, Principal } from "../accounts/mod.ts";
import { forbiddenPage } from "./pages/forbidden.tsx";
import type { SignedIn, Site } from "./site.ts";

/** The session cookie, shared with the REST API. */
export const SESSION_COOKIE = "__KNOT_WEBUI_SESSION";

/** As long as an unused session lives on the server; sent again with each page, so that it slides as the session does. */
const SESSION_COOKIE_MAX_AGE_S = 14 * 86_400;

/** Where a request comes from, as the services want to know it. */
export function callerOf(c: Context, site: Site): Caller {
  return { ip: (site.clientIp ?? socketIp)(c), userAgent: c.req.header("User-Agent") ?? "" };
}

/** Who the request's cookie belongs to, looked up anew at each call. */
export function principalOf(c: Context, site: Site): Principal | undefined {
  const sessionToken = getCookie(c, SESSION_COOKIE);
  if (sessionToken === undefined || sessionToken === "") return undefined;
  return site.accounts.signIn.authenticate({ sessionToken, ...callerOf(c, site) });
}

/** Lets signed-in visitors through; others go to the sign-in page and come back to where they wanted to be. */
export function signedIn(site: Site): MiddlewareHandler<SignedIn> {
  return async (c, next) => {
    const principal = principalOf(c, site);
    if (principal === undefined) {
      const wanted = c.req.method === "GET" ? new URL(c.req.url) : undefined;
      const query = wanted === undefined || wanted.pathname === "/"
        ? ""
        : `?next=${encodeURIComponent(wanted.pathname + wanted.search)}`;
      return c.redirect(`/login${query}`, 303);
    }
    c.set("principal", principal);
    if (c.req.method === "GET") rememberSession(c, site, getCookie(c, SESSION_COOKIE) ?? "");
    await next();
  };
}

/** Lets those with `permission` through; others see the 403 page. */
export function permit(site: Site, permission: PermissionNumber): MiddlewareHandler<SignedIn> {
  return async (c, next) => {
    if (!c.var.principal.can(permission)) return forbiddenPage(c, site);
    await next();
  };
}

/** Sets the session cookie; `Secure` where the visitor came by https, also through a proxy that ends TLS. */
export function rememberSession(c: Context, site: Site, token: string, maxAgeS = SESSION_COOKIE_MAX_AGE_S): void {
  setCookie(c, SESSION_COOKIE, token, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: cameByHttps(c, site),
    maxAge: maxAgeS,
  });
}

/** Takes the session cookie away. */
export function forgetSession(c: Context, site: Site): void {
  deleteCookie(c, SESSION_COOKIE, { path: "/", httpOnly: true, sameSite: "Lax", secure: cameByHttps(c, site) });
}

/** True where the visitor came by https, also through a proxy that ends TLS. */
export function cameByHttps(c: Context, site: Site): boolean {
  if (new URL(c.req.url).protocol === "https:") return true;
  const publicUrl = URL.parse(site.config.url);
  return publicUrl?.protocol === "https:" && c.req.header("Host") === publicUrl.host;
}

/** `Deno.serve` hands the socket's addresses to `app.fetch` as environment; in tests without a socket there is none. */
function socketIp(c: Context): string {
  const environment = c.env as { remoteAddr?: { hostname?: string } } | undefined;
  return environment?.remoteAddr?.hostname ?? "";
}
