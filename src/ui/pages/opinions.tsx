// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import { page, PageTitle } from "../parts/layout.tsx";
import { disagreements, MATRIX_SERVERS_MAX, OpinionMatrix } from "../parts/opinion_matrix.tsx";
import type { SignedIn, Site } from "../site.ts";
import { sorted } from "./cluster_info.tsx";

/** The page `/cluster-info/opinions`: every server is asked what it thinks of the others, which takes up to a second. */
export async function opinionsPage(c: Context<SignedIn>, site: Site): Promise<Response> {
  const opinions = await site.node.opinions();
  const members = sorted(site.node.status()).filter(({ state }) => state !== "left");
  const oneWay = disagreements(members, opinions);
  const title = "Who sees whom";
  return await page(
    c,
    site,
    c.var.principal,
    { title, active: "/cluster-info" },
    (
      <>
        <PageTitle title={title} up={{ label: "Cluster Info", path: "/cluster-info" }}>
          <a class="button" href="/cluster-info/opinions">Ask again</a>
        </PageTitle>
        {oneWay.length === 0 ? null : (
          <div class="notice warn" role="note">
            <p>Some links work in one direction only:</p>
            <ul>{oneWay.map((sentence) => <li>{sentence}</li>)}</ul>
          </div>
        )}
        <OpinionMatrix members={members} opinions={opinions} />
        {members.length > MATRIX_SERVERS_MAX
          ? <p class="hint">{`The first ${MATRIX_SERVERS_MAX} of ${members.length} servers.`}</p>
          : null}
        <MatrixLegend />
      </>
    ),
  );
}

function MatrixLegend() {
  return (
    <ul class="legend" aria-label="Legend">
      <li>
        <span class="state good">answers directly, with its round trip</span>
      </li>
      <li>
        <span class="state warn">suspect, or reached through others only</span>
      </li>
      <li>
        <span class="state bad">dead</span>
      </li>
      <li>
        <span class="state off">not known, or the server did not answer</span>
      </li>
    </ul>
  );
}
