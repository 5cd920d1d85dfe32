import { type Context, Hono } from "hono";
import type { SignInOutcome } from "../../accounts/mod.ts";
import { readForm } from "../form_body.ts";
import { STRANGER_FORM_BYTES_MAX } from "../form_bytes.ts";
import { TextField } from "../parts/fields.tsx";
import { gatePage } from "../parts/layout.tsx";
import { QrCode } from "../parts/qr_code.tsx";
import { asSentence } from "../refusal.ts";
import type { Site } from "../site.ts";
import { callerOf, forgetSession, principalOf, rememberSession } from "../visitor.ts";

/** Pages `/login` and `/logout`. */
export function signInRoutes(site: Site): Hono {
  const routes = new Hono();
  routes.get("/login", (c) => {
    if (principalOf(c, site) !== undefined) return c.redirect(localPath(c.req.query("next")), 303);
    return signInPage(c, site, { next: localPath(c.req.query("next")) });
  });
  routes.post("/login", async (c) => {
    const form = await readForm(c, { bytesMax: STRANGER_FORM_BYTES_MAX });
    const email = form.line("email");
    const next = localPath(form.text("next"));
    const outcome = await site.accounts.signIn.signIn(
      { email, password: form.text("password"), totpCode: form.line("totp_code") },
      callerOf(c, site),
    );
    if (outcome.kind !== "signed_in") return signInPage(c, site, { email, next, outcome });
    return openSession(c, site, outcome, next);
  });
  routes.post("/logout", async (c) => {
    const principal = principalOf(c, site);
    if (principal?.credential.kind === "session") {
      await site.accounts.sessions.delete(principal, principal.credential.id);
    }
    forgetSession(c, site);
    return c.redirect("/login", 303);
  });
  return routes;
}

/** Sets the cookie of a sign-in that worked, and goes on: to `next`, by way of the one-time-code secret where there is a new one. */
export function openSession(
  c: Context,
  site: Site,
  outcome: Extract<SignInOutcome, { kind: "signed_in" }>,
  next: string,
): Response | Promise<Response> {
  rememberSession(c, site, outcome.sessionToken, outcome.maxAgeSeconds);
  const { totpSecret, totpUri } = outcome;
  if (totpSecret !== undefined) return enrolPage(c, site, { totpSecret, totpUri, next });
  return c.redirect(next, 303);
}

/** A path of this server, to go to after signing in; "/" for anything that a browser would take elsewhere ("//host", "/\host"). */
export function localPath(wanted: string | undefined): string {
  const here = "http://here.invalid";
  const url = wanted?.startsWith("/") === true ? URL.parse(wanted, here) : null;
  return url === null || url.origin !== here ? "/" : url.pathname.replace(/^\/{2,}/, "/") + url.search;
}

function signInPage(
  c: Context,
  site: Site,
  { email = "", next, outcome }: {
    email?: string;
    next: string;
    outcome?: Exclude<SignInOutcome, { kind: "signed_in" }>;
  },
): Response | Promise<Response> {
  const { status, message } = outcome === undefined
    ? { status: 200, message: undefined } as const
    : failureOf(c, site, outcome);
  return gatePage(
    c,
    site,
    { title: "Sign in", status },
    (
      <form method="post" action="/login" class="card">
        <h1>Sign in</h1>
        {message === undefined ? null : (
          <div class="notice bad" role="alert">
            <p>{message}</p>
          </div>
        )}
        <input type="hidden" name="next" value={next} />
        <TextField
          name="email"
          label="Email"
          type="email"
          value={email}
          required
          autocomplete="username"
          errors={{}}
          autofocus={email === ""}
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          required
          autocomplete="current-password"
          errors={{}}
          autofocus={email !== ""}
        />
        {site.accounts.signIn.usesTotp
          ? (
            <TextField
              name="totp_code"
              label="One-time code"
              inputmode="numeric"
              maxlength={10}
              autocomplete="one-time-code"
              errors={{}}
              hint="From your authenticator. Leave empty at your first sign-in."
            />
          )
          : null}
        <button class="button primary wide" type="submit">Sign in</button>
      </form>
    ),
  );
}

function failureOf(
  c: Context,
  site: Site,
  outcome: Exclude<SignInOutcome, { kind: "signed_in" }>,
): { status: 401 | 429 | 503; message: string } {
  switch (outcome.kind) {
    case "rejected":
      return {
        status: 401,
        message: `Email${site.accounts.signIn.usesTotp ? ", password or one-time code" : " or password"} is wrong.`,
      };
    case "rate_limited":
      c.header("Retry-After", String(outcome.retryAfterSeconds));
      return { status: 429, message: `Too many attempts. Try again in ${outcome.retryAfterSeconds} seconds.` };
    case "unavailable":
      return { status: 503, message: `Signing in does not work right now. ${asSentence(outcome.reason)}` };
  }
}

function enrolPage(
  c: Context,
  site: Site,
  { totpSecret, totpUri, next }: { totpSecret: string; totpUri: string | undefined; next: string },
): Response | Promise<Response> {
  return gatePage(
    c,
    site,
    { title: "One-time codes" },
    (
      <div class="card">
        <h1>Set up one-time codes</h1>
        <p>
          From the next sign-in on, this server asks for a code. Scan this with your authenticator now: it is shown
          once.
        </p>
        {totpUri === undefined ? null : <QrCode text={totpUri} label="QR code of the secret below" />}
        <p>Or type the secret:</p>
        <p>
          <code class="secret">{totpSecret}</code>
        </p>
        <a class="button primary wide" href={next}>I have stored it</a>
      </div>
    ),
  );
}
