import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { type Logger, silentLogger } from "../base/mod.ts";
import { localAdmin, type LocalAdminParts } from "./local_admin.ts";

/** The largest request is a user: names, a password and a hundred roles. */
const BODY_BYTES_MAX = 64 * 1024;

/** What `POST /users` takes. The accounts check what the fields may hold. */
const NewUserBody = z.strictObject({
  username: z.string(),
  email: z.string(),
  password: z.string(),
  roles: z.array(z.string()).default([]),
});

/** What `PUT /password` takes. */
const PasswordBody = z.strictObject({ user: z.string(), password: z.string() });

/** What `POST /forget` takes: a member's id, address, hostname or zone. */
const ForgetBody = z.strictObject({ member: z.string() });

/** What `POST /reset-totp` takes. */
const ResetTotpBody = z.strictObject({ user: z.string() });

/** What {@link adminRoutes} serves. */
export interface AdminRoutesParts extends LocalAdminParts {
  /** Begins a graceful stop of this process; must return at once. */
  readonly stop?: () => void;
  readonly log?: Logger;
}

/**
 * The routes of the admin socket. Each outcome is the answer, with status 200 whatever its kind; other statuses mean that
 * there is no outcome: `{error}` says why. Nobody signs in here: who may open the socket may do everything.
 */
export function adminRoutes({ stop, log = silentLogger, ...parts }: AdminRoutesParts): Hono {
  const admin = localAdmin(parts);
  const routes = new Hono();
  routes.use(
    bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (c) => c.json({ error: "The request is too large" }, 413) }),
  );
  routes.get("/ping", (c) => c.json({ pid: Deno.pid }));
  routes.get("/members", async (c) => c.json(await admin.members()));
  routes.get("/opinions", async (c) => c.json({ opinions: [...await admin.opinions()] }));
  routes.post("/users", async (c) => c.json(await admin.createUser(await body(c, NewUserBody))));
  routes.put("/password", async (c) => c.json(await admin.setPassword(await body(c, PasswordBody))));
  routes.post("/reset-totp", async (c) => c.json(await admin.resetTotp((await body(c, ResetTotpBody)).user)));
  routes.post("/forget", async (c) => c.json(await admin.forgetMember((await body(c, ForgetBody)).member)));
  routes.get("/lost-edits", async (c) => c.json(await admin.lostEdits()));
  routes.get("/check", async (c) => c.json(await admin.checkDatabase()));
  routes.post("/leave", async (c) => c.json(await admin.leaveCluster()));
  if (stop) {
    routes.post("/stop", (c) => {
      stop();
      return c.json({ kind: "stopping" });
    });
  }
  routes.notFound((c) => c.json({ error: `This server has no "${c.req.method} ${c.req.path}"` }, 404));
  routes.onError((cause, c) => {
    if (cause instanceof HTTPException) return c.json({ error: cause.message }, cause.status);
    log.error("Admin request failed", { path: c.req.path, cause });
    return c.json({ error: "The server failed; its log says why" }, 500);
  });
  return routes;
}

/** The request's body in its shape; the error names fields, never values: one of them is a password. */
async function body<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const sent: unknown = await c.req.json().catch(() => undefined);
  const checked = schema.safeParse(sent);
  if (checked.success) return checked.data;
  const fields = checked.error.issues.map(({ path }) => path.join(".") || "body").join(", ");
  throw new HTTPException(400, { message: `The request is malformed: ${fields}` });
}
