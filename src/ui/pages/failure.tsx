import type { Context } from "hono";
import { gatePage } from "../parts/layout.tsx";
import type { Site } from "../site.ts";

/** The page for our own failures. It tells no cause: that is in the log, for those who may read it. */
export function failurePage(c: Context, site: Site): Response | Promise<Response> {
  return gatePage(
    c,
    site,
    { title: "Something went wrong", status: 500 },
    (
      <div class="card">
        <h1>Something went wrong</h1>
        <p>The server could not show this page. The reason is in its log. Trying again may help.</p>
        <a class="button" href="/">Back to the dashboard</a>
      </div>
    ),
  );
}

/** The answer to a form that another site's page sent. */
export function crossSitePage(c: Context, site: Site): Response | Promise<Response> {
  return gatePage(
    c,
    site,
    { title: "Request refused", status: 403 },
    (
      <div class="card">
        <h1>Request refused</h1>
        <p>
          This form was sent from another site, or through an address that this server does not know as its own. Open
          the page here and try again. Behind a proxy, set <code>server.url</code> to the address that people use.
        </p>
        <a class="button" href="/">Back to the dashboard</a>
      </div>
    ),
  );
}

/** The answer to a form over the limit. */
export function tooLargePage(c: Context, site: Site): Response | Promise<Response> {
  return gatePage(
    c,
    site,
    { title: "Form too large", status: 413 },
    (
      <div class="card">
        <h1>Form too large</h1>
        <p>A job, volumes or the value of a variable may have 10 MiB. Shorten the text and send the form again.</p>
        <a class="button" href="/">Back to the dashboard</a>
      </div>
    ),
  );
}
