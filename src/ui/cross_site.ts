import type { Context } from "hono";

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/**
 * Tells whether a request that changes something was started by another site's page. Follows the algorithm that Go's
 * `http.CrossOriginProtection` uses (Valsorda 2025): `Sec-Fetch-Site` decides where the browser sends it; plain-http
 * origins do not get it, there `Origin` must name this host. With neither header the client is no browser, and holds no
 * cookie that another site could abuse. `publicUrl` is `server.url`: behind a proxy, `Host` may be the inner name.
 */
export function isCrossSite(c: Context, publicUrl: string): boolean {
  if (SAFE_METHODS.includes(c.req.method)) return false;
  const site = c.req.header("Sec-Fetch-Site");
  if (site === "same-origin" || site === "none") return false;
  const origin = c.req.header("Origin");
  if (origin === undefined) return site !== undefined;
  const host = hostOf(origin);
  if (site !== undefined) return origin !== originOf(publicUrl);
  return host === undefined || (host !== c.req.header("Host") && host !== hostOf(publicUrl));
}

function hostOf(url: string): string | undefined {
  return URL.parse(url)?.host;
}

function originOf(url: string): string | undefined {
  return URL.parse(url)?.origin;
}
