import { type Context, Hono } from "hono";
import type { SetupOutcome } from "../../accounts/mod.ts";
import { setFlash } from "../flash.ts";
import { type FormBody, readForm } from "../form_body.ts";
import { STRANGER_FORM_BYTES_MAX } from "../form_bytes.ts";
import { type Errors, ErrorSummary, TextField } from "../parts/fields.tsx";
import { gatePage } from "../parts/layout.tsx";
import { asSentence } from "../refusal.ts";
import type { Site } from "../site.ts";
import { openSession } from "./sign_in.tsx";
import { callerOf } from "../visitor.ts";
import { Tried } from "./joining.tsx";

/** Names of the fields: in the form and in its summary of errors alike. */
const LABELS = {
  token: "Setup token",
  username: "Username",
  email: "Email",
  password: "Password",
  password_again: "Password again",
} as const;
/** One for each start: a link from an older log line does not work. */
const WRONG_TOKEN = "is not the one in this server's log: each start makes a new one";

interface Filled {
  readonly token: string;
  readonly username: string;
  readonly email: string;
}

interface Problem {
  readonly status: 403 | 422 | 429 | 503 | 507;
  readonly message?: string;
  readonly errors: Errors;
}

const WRONG_TOKEN_PROBLEM: Problem = { status: 403, errors: { token: WRONG_TOKEN } };
const WRONG_LINK_PROBLEM: Problem = { ...WRONG_TOKEN_PROBLEM, message: "This link does not work any more:" };

/** Pages under `/setup`: the first administrator, made by who can read the log or the data folder. */
export function setupRoutes(site: Site): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    if (!site.accounts.setup.needed) return c.redirect("/login", 303);
    const token = c.req.query("token") ?? "";
    const problem = token === "" || site.accounts.setup.checkToken(token) ? undefined : WRONG_LINK_PROBLEM;
    return setupPage(c, site, { token, username: "", email: "" }, problem);
  });
  routes.post("/", async (c) => {
    const form = await readForm(c, { bytesMax: STRANGER_FORM_BYTES_MAX });
    const filled = { token: form.line("token"), username: form.line("username"), email: form.line("email") };
    const mismatch = passwordMismatch(form);
    if (mismatch !== undefined) return setupPage(c, site, filled, { status: 422, errors: mismatch });
    const password = form.text("password");
    const outcome = await site.accounts.setup.setUp({ ...filled, password }, callerOf(c, site));
    if (outcome.kind === "set_up") {
      const signedIn = await site.accounts.signIn.signIn({ email: filled.email, password }, callerOf(c, site));
      if (signedIn.kind === "signed_in") return openSession(c, site, signedIn, "/");
      setFlash(c, "The first administrator is made. Sign in to go on.");
      return c.redirect("/login", 303);
    }
    if (outcome.kind === "already_set_up") {
      setFlash(c, "This cluster is set up already. Sign in.");
      return c.redirect("/login", 303);
    }
    return setupPage(c, site, filled, problemOf(outcome));
  });
  return routes;
}

function passwordMismatch(form: FormBody): Errors | undefined {
  return form.text("password") === form.text("password_again")
    ? undefined
    : { password_again: "differs from the password" };
}

function problemOf(outcome: Exclude<SetupOutcome, { kind: "set_up" | "already_set_up" }>): Problem {
  switch (outcome.kind) {
    case "wrong_token":
      return WRONG_TOKEN_PROBLEM;
    case "invalid":
      return { status: 422, errors: outcome.fields };
    case "rate_limited":
      return {
        status: 429,
        errors: {},
        message: `Too many attempts. Try again in ${outcome.retryAfterSeconds} seconds.`,
      };
    case "joining":
      return {
        status: 503,
        errors: {},
        message: "This server is still looking for a cluster to join. Try again in a moment.",
      };
    case "unavailable":
      return { status: 503, errors: {}, message: `Nothing was saved. ${asSentence(outcome.reason)}` };
    case "storage_failed":
      return {
        status: 507,
        errors: {},
        message: `Nothing was saved: the disk did not take it. ${asSentence(outcome.reason)}`,
      };
  }
}

function setupPage(c: Context, site: Site, filled: Filled, problem?: Problem): Response | Promise<Response> {
  const errors = problem?.errors ?? {};
  const { readiness, clustered } = site.node.status();
  const tried = readiness.kind === "setup_needed" ? readiness.tried : [];
  return gatePage(
    c,
    site,
    { title: "Set up", status: problem?.status },
    (
      <>
        <form method="post" action="/setup" class="card">
          <h1>{clustered ? "Set up this cluster" : "Set up this server"}</h1>
          <p>
            Make the first administrator.{" "}
            {clustered ? "It is done once, for all servers of the cluster." : "It is done once."}
          </p>
          <ErrorSummary
            message={problem?.message}
            errors={errors}
            labels={LABELS}
          />
          {filled.token !== "" && errors.token === undefined
            ? <input type="hidden" name="token" value={filled.token} />
            : (
              <TextField
                name="token"
                label={LABELS.token}
                value={filled.token}
                required
                errors={errors}
                hint={`In the link that the server printed in its log, and in ${site.config.dataDir}/setup-token.`}
              />
            )}
          <TextField
            name="username"
            label={LABELS.username}
            value={filled.username}
            required
            autocomplete="username"
            errors={errors}
          />
          <TextField
            name="email"
            label={LABELS.email}
            type="email"
            value={filled.email}
            required
            autocomplete="email"
            errors={errors}
          />
          <TextField
            name="password"
            label={LABELS.password}
            type="password"
            required
            minlength={8}
            autocomplete="new-password"
            errors={errors}
            hint="8 characters or more."
          />
          <TextField
            name="password_again"
            label={LABELS.password_again}
            type="password"
            required
            autocomplete="new-password"
            errors={errors}
          />
          <button class="button primary wide" type="submit">Make the administrator</button>
        </form>
        {tried.length === 0 ? null : (
          <div class="card">
            <p>No peer of this server has data. If the cluster has some, do not set up: mend the connection first.</p>
            <Tried tried={tried} />
          </div>
        )}
      </>
    ),
  );
}
