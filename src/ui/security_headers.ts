import type { MiddlewareHandler } from "hono";

/** Nothing inline, nothing from outside, no frames. Event streams and partial loads are same-origin fetches. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Headers of every page. `same-origin` as referrer policy and not `no-referrer`: the latter makes browsers send
 * `Origin: null` with our own forms, which the cross-site check would refuse.
 * They are prepared before there is an answer: a header that is added to one makes another of it each time, whose body is sent as a stream.
 */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  c.header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  c.header("X-Content-Type-Options", "nosniff");
  c.header("X-Frame-Options", "DENY");
  c.header("Referrer-Policy", "same-origin");
  c.header("Cross-Origin-Opener-Policy", "same-origin");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  c.header("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  // Pages show what only this visitor may see; a shared computer's history must not keep them. Files of our own say otherwise.
  c.header("Cache-Control", "no-store");
  await next();
};
