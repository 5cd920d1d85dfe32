import { Hono } from "hono";
import type { FC } from "hono/jsx";
import type { ApiToken } from "../../accounts/mod.ts";
import { setFlash } from "../flash.ts";
import { readForm } from "../form_body.ts";
import { type Errors, ErrorSummary, TextField } from "../parts/fields.tsx";
import { page, PageTitle } from "../parts/layout.tsx";
import { Moment } from "../parts/moment.tsx";
import { complaintOf, complaintText } from "../refusal.ts";
import type { SignedIn, Site } from "../site.ts";
import { notFoundPage } from "./not_found.tsx";

const UP = { label: "My account", path: "/account" } as const;

/** Pages under `/account/tokens`. A new token's value is in the answer to the form itself: it is stored nowhere else. */
export function tokenRoutes(site: Site): Hono<SignedIn> {
  const { tokens } = site.accounts;
  const routes = new Hono<SignedIn>();
  routes.post("/", async (c) => {
    const { principal } = c.var;
    const name = (await readForm(c)).line("name");
    const outcome = await tokens.create(principal, { name });
    if (outcome.kind === "created") {
      return page(
        c,
        site,
        principal,
        { title: "New API token", active: "/account" },
        (
          <>
            <PageTitle title="New API token" up={UP} />
            <div class="card">
              <p>
                This is the token “{name}”. Copy it now: <strong>it cannot be shown again.</strong>
              </p>
              <p>
                <code class="secret">{outcome.bearer}</code>
              </p>
              <p class="quiet">
                Send it as <code>Authorization: Bearer …</code>. It expires 14 days after its last use.
              </p>
              <a class="button primary" href="/account">Done</a>
            </div>
          </>
        ),
      );
    }
    const complaint = complaintOf(outcome, "token");
    const head = { title: "New API token", active: "/account", status: complaint.status };
    return page(
      c,
      site,
      principal,
      head,
      (
        <>
          <PageTitle title="New API token" up={UP} />
          <ErrorSummary message={complaint.message} errors={complaint.errors} />
          <NewTokenForm name={name} errors={complaint.errors} />
        </>
      ),
    );
  });
  routes.get("/:id/delete", (c) => {
    const token = tokens.list(c.var.principal).find((candidate) => candidate.token_id === c.req.param("id"));
    if (token === undefined) return notFoundPage(c, site, "You have no such token. It may have expired.");
    const title = `Delete token “${token.name}”?`;
    return page(
      c,
      site,
      c.var.principal,
      { title, active: "/account" },
      (
        <>
          <PageTitle title={title} up={UP} />
          <form method="post" class="card">
            <p>Programs that use it are refused from now on, on every server.</p>
            <div class="actions">
              <button class="button danger" type="submit">Delete token</button>
              <a class="button" href="/account">Keep it</a>
            </div>
          </form>
        </>
      ),
    );
  });
  routes.post("/:id/delete", async (c) => {
    const outcome = await tokens.delete(c.var.principal, c.req.param("id"));
    if (outcome.kind === "deleted") setFlash(c, "Deleted the token.");
    else setFlash(c, complaintText(outcome, "token"), { problem: true });
    return c.redirect("/account", 303);
  });
  return routes;
}

/** The visitor's API tokens, and a form for another. */
export const TokensCard: FC<{ tokens: readonly ApiToken[]; nowMs: number; errors: Errors }> = (
  { tokens, nowMs, errors },
) => (
  <section class="card" aria-labelledby="tokens">
    <h2 id="tokens">API tokens</h2>
    {tokens.length === 0
      ? <p class="quiet">You have none. Programs use them to call the REST API as you.</p>
      : (
        <table class="rows-as-cards" role="table" aria-labelledby="tokens">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">Name</th>
              <th role="columnheader" scope="col">Expires</th>
              <th role="columnheader" scope="col">
                <span class="visually-hidden">Delete</span>
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {tokens.map((token) => (
              <tr role="row">
                <th role="rowheader" scope="row">{token.name}</th>
                <td role="cell" data-label="Expires">
                  <Moment atMs={Date.parse(token.expires_after)} nowMs={nowMs} />
                </td>
                <td role="cell">
                  <a
                    href={`/account/tokens/${encodeURIComponent(token.token_id)}/delete`}
                    aria-label={`Delete token ${token.name}`}
                  >
                    Delete…
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    <NewTokenForm name="" errors={errors} />
  </section>
);

const NewTokenForm: FC<{ name: string; errors: Errors }> = ({ name, errors }) => (
  <form method="post" action="/account/tokens" class="form">
    <TextField
      name="name"
      label="Name of a new token"
      value={name}
      required
      maxlength={64}
      errors={errors}
      hint="What it is for: “backup script”."
    />
    <button class="button" type="submit">Create token</button>
  </form>
);
