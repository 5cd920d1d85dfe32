import type { Context } from "hono";
import { page, PageTitle } from "../parts/layout.tsx";
import type { SignedIn, Site } from "../site.ts";

/** The 403 page: says what is missing and who can help. */
export function forbiddenPage(c: Context<SignedIn>, site: Site, reason?: string): Response | Promise<Response> {
  return page(
    c,
    site,
    c.var.principal,
    { title: "Not allowed", status: 403 },
    (
      <>
        <PageTitle title="Not allowed" />
        <div class="card">
          <p>{reason ?? "Your roles do not include the permission that this page needs."}</p>
          <p>An administrator can add it to one of your roles.</p>
          <a class="button" href="/">Back to the dashboard</a>
        </div>
      </>
    ),
  );
}
