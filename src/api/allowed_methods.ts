import type { Hono } from "hono";

/**
 * Tells, for a path, the methods of the routes that `app` has there now, for the `Allow` header (RFC 9110 §10.2.1); none where there is
 * no route at all.
 */
export function allowedMethods(app: Pick<Hono, "routes">): (path: string) => string[] {
  const routes = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => ({
    method,
    pattern: new URLPattern({ pathname: path }),
  }));
  return (path) => {
    const methods = routes.filter(({ pattern }) => pattern.test({ pathname: path })).map(({ method }) => method);
    return [...new Set(methods)].sort();
  };
}
