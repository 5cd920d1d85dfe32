import type { Context } from "hono";
import type { FC } from "hono/jsx";
import type { Readiness } from "../../node/mod.ts";
import { gatePage } from "../parts/layout.tsx";
import type { Site } from "../site.ts";

/** Seconds until a browser without scripts, or a load balancer, should ask again. */
const RETRY_AFTER_S = 3;

/** Shown at every address while this server has no data and still looks for a populated peer. */
export function joiningPage(c: Context, site: Site): Response | Promise<Response> {
  const { readiness } = site.node.status();
  c.header("Retry-After", String(RETRY_AFTER_S));
  return gatePage(
    c,
    site,
    { title: "Joining cluster…", status: 503, scripts: ["joining.js"] },
    (
      <div class="card">
        <h1>Joining cluster…</h1>
        <p>
          This server is fetching the cluster's data. The page you asked for appears by itself as soon as it is there.
        </p>
        <noscript>
          <p>
            Scripts are off: <a href="">look again</a> in a few seconds.
          </p>
        </noscript>
        <div id="tried" aria-live="polite">
          <Tried tried={readiness.kind === "joining" ? readiness.tried : []} />
        </div>
      </div>
    ),
  );
}

/** Which peers were asked, and what came of it. */
export const Tried: FC<{ tried: Extract<Readiness, { kind: "joining" }>["tried"] }> = ({ tried }) =>
  tried.length === 0 ? <p class="quiet">Looking for the first peer.</p> : (
    <>
      <h2>Peers asked so far</h2>
      <dl class="facts">
        {tried.map(({ address, result }) => (
          <>
            <dt>{address}</dt>
            <dd>{result}</dd>
          </>
        ))}
      </dl>
    </>
  );
