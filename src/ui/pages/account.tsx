import { type Context, Hono } from "hono";
import type { Principal, Refusal, UpdateOutcome, User } from "../../accounts/mod.ts";
import { setFlash } from "../flash.ts";
import { applyBase, encodeBase, type FormBody, type Input, readForm } from "../form_body.ts";
import { ErrorSummary, TextField } from "../parts/fields.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import { type Complaint, complaintOf } from "../refusal.ts";
import type { SignedIn, Site } from "../site.ts";
import { textOf } from "../values.ts";
import { sessionRoutes, SessionsCard } from "./account_sessions.tsx";
import { tokenRoutes, TokensCard } from "./account_tokens.tsx";
import { notFoundPage } from "./not_found.tsx";
import { Preferences, readPreferences, USER_LABELS, userInput } from "./user_form.tsx";

const PASSWORD_LABELS = {
  current_password: "Present password",
  password: "New password",
  password_again: "New password again",
} as const;

/** What the last form on this page said, shown in place of what is stored. */
interface Attempt {
  readonly form: "profile" | "password";
  readonly complaint: Complaint;
  readonly values?: Input;
  readonly base?: string;
}

/** Pages under `/account`: what users do about themselves, without any permission. */
export function accountRoutes(site: Site): Hono<SignedIn> {
  const { users } = site.accounts;
  const routes = new Hono<SignedIn>();
  routes.get("/", (c) => accountPage(c, site));
  routes.post("/profile", async (c) => {
    const form = await readForm(c);
    const sent = { email: form.line("email"), ...readPreferences(form) };
    const encoded = form.text("base");
    const { input, base } = applyBase(sent, encoded);
    const outcome = await users.update(c.var.principal, c.var.principal.userId, input, { base });
    if (outcome.kind === "updated") return done(c, "Saved your profile.");
    return accountPage(c, site, {
      form: "profile",
      complaint: complaintOf(outcome, "user"),
      values: sent,
      base: encoded,
    });
  });
  routes.post("/password", async (c) => {
    const form = await readForm(c);
    const outcome = await changePassword(site, c.var.principal, form);
    if (outcome.kind === "updated") return done(c, "Changed your password. Your other sessions have ended.");
    return accountPage(c, site, { form: "password", complaint: complaintOf(outcome, "user") });
  });
  routes.route("/tokens", tokenRoutes(site));
  routes.route("/sessions", sessionRoutes(site));
  return routes;
}

/** The present password is asked for: an unlocked browser is not enough to take an account over. */
async function changePassword(site: Site, principal: Principal, form: FormBody): Promise<UpdateOutcome> {
  const password = form.text("password");
  if (password !== form.text("password_again")) return invalid({ password_again: "differs from the new password" });
  if (password === "") return invalid({ password: "must have 8 characters or more" });
  const proof = await site.accounts.signIn.verifyPassword(principal, form.text("current_password"));
  switch (proof.kind) {
    case "right":
      return await site.accounts.users.update(principal, principal.userId, { password });
    case "wrong":
      return invalid({ current_password: "is wrong" });
    case "rate_limited":
      return invalid({ current_password: `was wrong too often: try again in ${proof.retryAfterSeconds} seconds` });
    case "unavailable":
      return proof;
  }
}

function invalid(fields: Readonly<Record<string, string>>): Refusal {
  return { kind: "invalid", fields };
}

function done(c: Context, text: string): Response {
  setFlash(c, text);
  return c.redirect("/account", 303);
}

function accountPage(c: Context<SignedIn>, site: Site, attempt?: Attempt): Response | Promise<Response> {
  const { principal } = c.var;
  const user = site.accounts.users.get(principal.userId);
  if (user === undefined) return notFoundPage(c, site, "Your user was deleted a moment ago.");
  const head = { title: "My account", active: "/account", status: attempt?.complaint.status, scripts: ["moments.js"] };
  return page(
    c,
    site,
    principal,
    head,
    (
      <>
        <PageTitle title="My account" />
        <div class="stack">
          <ProfileCard user={user} attempt={attempt?.form === "profile" ? attempt : undefined} />
          <PasswordCard user={user} attempt={attempt?.form === "password" ? attempt : undefined} />
          <TokensCard tokens={site.accounts.tokens.list(principal)} nowMs={site.clock.wallMs()} errors={{}} />
          <SessionsCard sessions={site.accounts.sessions.list(principal)} nowMs={site.clock.wallMs()} />
        </div>
      </>
    ),
  );
}

function ProfileCard({ user, attempt }: { user: User; attempt?: Attempt }) {
  const { email, ssh_public_key, github_username, preferred_shell, timezone } = userInput(user);
  const stored = { email, ssh_public_key, github_username, preferred_shell, timezone };
  const values = attempt?.values ?? stored;
  const errors = attempt?.complaint.errors ?? {};
  return (
    <form method="post" action="/account/profile" class="card">
      <h2>Profile</h2>
      <ErrorSummary message={attempt?.complaint.message} errors={errors} labels={USER_LABELS} />
      <input type="hidden" name="base" value={attempt?.base ?? encodeBase(stored)} />
      <TextField
        name="email"
        label="Email"
        type="email"
        value={textOf(values.email)}
        required
        autocomplete="email"
        errors={errors}
      />
      <Preferences values={values} errors={errors} />
      <button class="button primary" type="submit">Save profile</button>
    </form>
  );
}

function PasswordCard({ user, attempt }: { user: User; attempt?: Attempt }) {
  const errors = attempt?.complaint.errors ?? {};
  return (
    <form method="post" action="/account/password" class="card">
      <h2>Password</h2>
      <p class="quiet">A new password ends all your sessions but this one. API tokens stay.</p>
      <ErrorSummary
        message={attempt?.complaint.message}
        errors={errors}
        labels={PASSWORD_LABELS}
      />
      {/* Hidden, so that password stores know whose password it is (HTML §4.10.18.7.1). */}
      <input type="text" name="username" value={user.email} autocomplete="username" hidden readonly />
      <TextField
        name="current_password"
        label={PASSWORD_LABELS.current_password}
        type="password"
        required
        autocomplete="current-password"
        errors={errors}
      />
      <div class="pair">
        <TextField
          name="password"
          label={PASSWORD_LABELS.password}
          type="password"
          required
          minlength={8}
          autocomplete="new-password"
          errors={errors}
          hint="8 characters or more."
        />
        <TextField
          name="password_again"
          label={PASSWORD_LABELS.password_again}
          type="password"
          required
          autocomplete="new-password"
          errors={errors}
        />
      </div>
      <button class="button primary" type="submit">Change password</button>
    </form>
  );
}
