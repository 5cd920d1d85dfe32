import { Hono } from "hono";
import { answer } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import type { Readiness } from "../node/mod.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";

/** Peers of which the reason tells what became of them. */
const TRIED_MAX = 3;
const NUMBERS = new Intl.NumberFormat("en");

/** `/health` and `/healthz`: the process answers. `/readyz`: it has data to serve, and its disk takes writes. */
export function healthRoutes({ node }: ApiParts, gate: Gate): Hono<SignedIn> {
  const routes = new Hono<SignedIn>();
  for (const path of ["/health", "/healthz"]) routes.get(path, gate.open, (c) => c.text("OK"));
  routes.get("/readyz", gate.open, (c) => {
    const { readiness, store } = node.status();
    switch (readiness.kind) {
      case "ready":
        if (store.kind === "refusing") {
          throw new ApiError(503, "This server's disk refuses writes: reads go on; its log says why", {
            retryAfterSeconds: 5,
          });
        }
        return answer(c, { status: true });
      case "joining":
        throw new ApiError(503, joiningText(readiness), { retryAfterSeconds: 1 });
      case "setup_needed":
        throw new ApiError(503, "This server waits for its first setup: its log shows the link", {
          retryAfterSeconds: 5,
        });
    }
  });
  return routes;
}

function joiningText({ progress, tried }: Extract<Readiness, { kind: "joining" }>): string {
  const text = "This server is still joining its cluster";
  if (progress === undefined) {
    const why = tried.slice(0, TRIED_MAX).map(({ address, result }) => `${address}: ${result}`).join("; ");
    return why === "" ? text : `${text}. ${why}`;
  }
  const received = NUMBERS.format(progress.received);
  if (progress.expected === undefined) return `${text}: ${received} records so far`;
  return `${text}: ${received} of ${NUMBERS.format(progress.expected)} records`;
}
