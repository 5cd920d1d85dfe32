import { type Context, Hono } from "hono";
import { z } from "zod";
import { answer } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import { readBody, STRANGER_BODY_BYTES_MAX } from "./body.ts";
import { callerOf } from "./client_ip.ts";
import { isCrossSite } from "./cross_site.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { clearSessionCookie, setSessionCookie } from "./session_cookie.ts";

const SignInRequest = z.object({
  email: z.string(),
  password: z.string(),
  totp_code: z.string().nullish().transform((code) => code ?? ""),
});

/** Routes under `/api/auth`. */
export function authRoutes(parts: ApiParts, gate: Gate): Hono<SignedIn> {
  const { accounts, url: publicUrl } = parts;

  const signIn = async (c: Context) => {
    const body = SignInRequest.safeParse(await readBody(c, STRANGER_BODY_BYTES_MAX));
    if (!body.success) throw new ApiError(400, "Cannot sign in: send email and password");
    const { email, password, totp_code: totpCode } = body.data;
    const outcome = await accounts.signIn.signIn({ email, password, totpCode }, callerOf(c, parts));
    switch (outcome.kind) {
      case "signed_in":
        return outcome;
      case "rejected":
        throw new ApiError(401, "invalid email, password or TOTP code");
      case "rate_limited":
        throw new ApiError(429, "Too many failed attempts: wait a little, then try again", outcome);
      case "unavailable":
        throw new ApiError(503, outcome.reason, { retryAfterSeconds: 1 });
    }
  };

  const routes = new Hono<SignedIn>();
  routes.post("/", gate.open, async (c) => {
    const { sessionToken, totpSecret = "" } = await signIn(c);
    return answer(c, { status: true, token: sessionToken, totp_secret: totpSecret });
  });
  routes.post("/web", gate.open, async (c) => {
    if (isCrossSite(c.req.raw, publicUrl)) throw new ApiError(403, "This request was sent by a page of another site");
    const { sessionToken: token, maxAgeSeconds, totpSecret = "" } = await signIn(c);
    setSessionCookie(c, { token, maxAgeSeconds, publicUrl });
    return answer(c, { status: true, token, totp_secret: totpSecret });
  });
  routes.post("/logout", gate.signedIn({ scoped: true }), async (c) => {
    const { credential } = c.var.principal;
    // An API token is not a place one is signed in at: it is deleted under /api/tokens.
    if (credential.kind === "session") await accounts.sessions.delete(c.var.principal, credential.id);
    clearSessionCookie(c, publicUrl);
    return answer(c, { status: true });
  });
  routes.get("/using-totp", gate.open, (c) => answer(c, { using_totp: accounts.signIn.usesTotp }));
  return routes;
}
