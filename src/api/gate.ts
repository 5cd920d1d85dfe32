import type { Context, Hono, MiddlewareHandler } from "hono";
import type { PermissionNumber, Principal } from "../accounts/mod.ts";
import { assert } from "../base/mod.ts";
import { ApiError } from "./api_error.ts";
import { callerOf } from "./client_ip.ts";
import { isCrossSite } from "./cross_site.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { sessionCookie } from "./session_cookie.ts";

/** Who may use a route. Each route declares one, as its first handler. */
export type Access =
  | { readonly kind: "open" }
  /** `scoped`: also with a token that is narrowed to scopes, which reach nothing else. */
  | { readonly kind: "signed_in"; readonly scoped: boolean }
  | { readonly kind: "permission"; readonly permission: PermissionNumber }
  /** The user named by the path's `id`, and whoever has the permission. */
  | { readonly kind: "self_or_permission"; readonly permission: PermissionNumber };

const declared = new WeakMap<object, Access>();

/** What a handler declares, if it is of the gate. */
export function accessOf(handler: object): Access | undefined {
  return declared.get(handler);
}

/**
 * Every route's door.
 *
 * @throws {AssertionError} if a route has no declared access: then the server does not start
 */
export function assertAccessDeclared(app: Pick<Hono, "routes">): void {
  const open = new Map<string, boolean>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL") continue; // Middleware, and the answer to unknown paths.
    const route = `${method} ${path}`;
    open.set(route, (open.get(route) ?? false) || declared.has(handler));
  }
  for (const [route, hasAccess] of open) assert(hasAccess, `Cannot serve ${route}: the route declares no access`);
}

/** Makes the handlers that let through, or answer 401, 403 or 503. */
export function createGate(parts: ApiParts) {
  const gate = (access: Access, decide: (c: Context<SignedIn>, principal: Principal) => void) => {
    const handler: MiddlewareHandler<SignedIn> = async (c, next) => {
      const principal = authenticate(c, parts);
      if (isNarrowed(principal) && !(access.kind === "signed_in" && access.scoped)) {
        throw new ApiError(403, "This token is narrowed to scopes, and none of them reaches this");
      }
      decide(c, principal);
      c.set("principal", principal);
      await next();
    };
    declared.set(handler, access);
    return handler;
  };
  const demand = (principal: Principal, permission: PermissionNumber) => {
    if (!principal.can(permission)) throw new ApiError(403, `This needs the permission ${nameOf(parts, permission)}`);
  };
  /** For everybody. */
  const open: MiddlewareHandler = (_c, next) => next();
  declared.set(open, { kind: "open" });
  return {
    open,
    /** For everybody who is signed in. */
    signedIn: ({ scoped = false } = {}) => gate({ kind: "signed_in", scoped }, () => {}),
    /** For those who have the permission now. */
    permit: (permission: PermissionNumber) =>
      gate({ kind: "permission", permission }, (_c, principal) => demand(principal, permission)),
    /** For the user that the path names, by id or name, and for those who have the permission now. */
    selfOrPermit: (permission: PermissionNumber) =>
      gate({ kind: "self_or_permission", permission }, (c, principal) => {
        const user = parts.accounts.users.get(c.req.param("id") ?? "");
        if (user?.user_id !== principal.userId) demand(principal, permission);
      }),
  };
}

/** What {@link createGate} makes. */
export type Gate = ReturnType<typeof createGate>;

function authenticate(c: Context, parts: ApiParts): Principal {
  const authorization = c.req.header("Authorization");
  const bearer = authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
  const sessionToken = bearer === undefined ? sessionCookie(c) : undefined;
  const principal = parts.accounts.signIn.authenticate({ bearer, sessionToken, ...callerOf(c, parts) });
  if (!principal) throw strangerError(parts);
  if (sessionToken !== undefined && isCrossSite(c.req.raw, parts.url)) {
    throw new ApiError(403, "This request was sent by a page of another site");
  }
  return principal;
}

/** A server without data knows nobody: its clients are told to come back, not that they are signed out. */
function strangerError({ node }: ApiParts): ApiError {
  const { readiness } = node.status();
  if (readiness.kind === "ready") return new ApiError(401, "Sign in first: send a session cookie or a bearer token");
  const why = readiness.kind === "joining" ? "is still joining its cluster" : "has not been set up yet";
  return new ApiError(503, `This server ${why}`, { retryAfterSeconds: 2 });
}

function isNarrowed({ credential }: Principal): boolean {
  return credential.kind === "token" && credential.scopes.length > 0;
}

function nameOf(parts: ApiParts, number: PermissionNumber): string {
  return parts.accounts.permissions.list().find((permission) => permission.id === number)?.name ?? String(number);
}
