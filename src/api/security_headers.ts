import type { MiddlewareHandler } from "hono";

/**
 * Headers of every answer: data, never a page, kept by no cache, read by no other site. They are prepared before there is an answer: a
 * header that is added to one makes another of it each time, whose body is sent as a stream.
 */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  c.header("Referrer-Policy", "no-referrer");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  c.header("Cache-Control", "no-store"); // Unless the route says otherwise.
  await next();
};
