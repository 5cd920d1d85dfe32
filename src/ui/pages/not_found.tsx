import type { Context } from "hono";
import { gatePage, page, PageTitle } from "../parts/layout.tsx";
import type { Site } from "../site.ts";
import { principalOf } from "../visitor.ts";

/** The 404 page, in the frame that the visitor is used to. `what` says it better than "this page" where it is known. */
export function notFoundPage(
  c: Context,
  site: Site,
  what = "There is no page at this address.",
): Response | Promise<Response> {
  const head = { title: "Not found", status: 404 } as const;
  const content = (
    <div class="card">
      <p>{what}</p>
      <a class="button" href="/">Back to the dashboard</a>
    </div>
  );
  const principal = principalOf(c, site);
  if (principal === undefined) {
    return gatePage(
      c,
      site,
      head,
      <>
        <h1>Not found</h1>
        {content}
      </>,
    );
  }
  return page(
    c,
    site,
    principal,
    head,
    <>
      <PageTitle title="Not found" />
      {content}
    </>,
  );
}
