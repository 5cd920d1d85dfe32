import { Hono } from "hono";
import type { FC } from "hono/jsx";
import type { Session } from "../../accounts/mod.ts";
import { browserName } from "../browser_name.ts";
import { setFlash } from "../flash.ts";
import { Moment } from "../parts/moment.tsx";
import { complaintText } from "../refusal.ts";
import type { SignedIn, Site } from "../site.ts";

/** Routes under `/account/sessions`. */
export function sessionRoutes(site: Site): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  routes.post("/:id/delete", async (c) => {
    const outcome = await site.accounts.sessions.delete(c.var.principal, c.req.param("id"));
    if (outcome.kind === "deleted") setFlash(c, "Ended the session.");
    else setFlash(c, complaintText(outcome, "session"), { problem: true });
    return c.redirect("/account", 303);
  });
  return routes;
}

/** Where the visitor is signed in. The present session is ended by signing out. */
export const SessionsCard: FC<{ sessions: readonly Session[]; nowMs: number }> = ({ sessions, nowMs }) => (
  <section class="card" aria-labelledby="sessions">
    <h2 id="sessions">Sessions</h2>
    <table class="rows-as-cards" role="table" aria-labelledby="sessions">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">Browser</th>
          <th role="columnheader" scope="col">Address</th>
          <th role="columnheader" scope="col">Expires</th>
          <th role="columnheader" scope="col">
            <span class="visually-hidden">End</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {sessions.map((session) => (
          <tr role="row">
            <th role="rowheader" scope="row">{browserName(session.user_agent)}</th>
            <td role="cell" data-label="Address">{session.ip === "" ? "–" : session.ip}</td>
            <td role="cell" data-label="Expires">
              <Moment atMs={Date.parse(session.expires_at)} nowMs={nowMs} />
            </td>
            <td role="cell">{session.current ? <span class="tag">this one</span> : <EndForm session={session} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const EndForm: FC<{ session: Session }> = ({ session }) => (
  <form method="post" action={`/account/sessions/${encodeURIComponent(session.session_id)}/delete`}>
    <button
      class="button plain"
      type="submit"
      aria-label={`End session of ${browserName(session.user_agent)} from ${session.ip}`}
    >
      End
    </button>
  </form>
);
