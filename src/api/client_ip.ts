import type { Context } from "hono";
import type { Caller } from "../accounts/mod.ts";

/** Who calls, as rate limits and session lists know them. */
export function callerOf(c: Context, { trustForwardedFor = false }: { trustForwardedFor?: boolean }): Caller {
  return { ip: clientIp(c, trustForwardedFor), userAgent: c.req.header("User-Agent") ?? "" };
}

/**
 * The other end of the socket, as `Deno.serve` hands it to `app.fetch`; "" without a socket. A client can send any `X-Forwarded-For`:
 * only a proxy's own entry, the last, is worth something, and only where the operator said that there is one.
 */
function clientIp(c: Context, trustForwardedFor: boolean): string {
  const forwarded = trustForwardedFor ? c.req.header("X-Forwarded-For")?.split(",").at(-1)?.trim() : undefined;
  if (forwarded) return forwarded.slice(0, 64);
  const info = c.env as { readonly remoteAddr?: { readonly hostname?: string } } | undefined;
  return info?.remoteAddr?.hostname ?? "";
}
