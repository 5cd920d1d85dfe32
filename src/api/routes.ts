import { Hono } from "hono";
import { answerError } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import { auditLogRoutes } from "./audit_logs.ts";
import { authRoutes } from "./auth.ts";
import { AwaitedRecords } from "./awaited_records.ts";
import { clusterInfoRoutes } from "./cluster_info.ts";
import { eventRoutes } from "./events.ts";
import { assertAccessDeclared, createGate } from "./gate.ts";
import { groupRoutes } from "./groups.ts";
import { healthRoutes } from "./health.ts";
import { createMetrics, metricsRoutes } from "./metrics.ts";
import { allowedMethods } from "./allowed_methods.ts";
import type { ApiParts } from "./parts.ts";
import { roleRoutes } from "./roles.ts";
import { searchRoutes } from "./search.ts";
import { securityHeaders } from "./security_headers.ts";
import { ServedVersions } from "./served_versions.ts";
import { serverInfoRoutes } from "./server_info.ts";
import { sessionRoutes } from "./sessions.ts";
import { setupRoutes } from "./setup.ts";
import { templateRoutes } from "./templates.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";
import { variableRoutes } from "./variables.ts";
import { whoamiRoutes } from "./whoami.ts";

/** The REST API. */
export interface Api {
  /**
   * To be mounted at "/", before everything whose requests are to be counted: it answers under `/api`, and on `/health`,
   * `/healthz`, `/readyz` and `/metrics`.
   */
  readonly app: Hono;
  /** Ends event streams and waiting reads, for which a stopping server would wait. */
  close(): void;
}

/** Builds the routes. `app.fetch` wants what `Deno.serve` tells of the socket as its second argument. */
export function apiRoutes(parts: ApiParts): Api {
  const gate = createGate(parts);
  const awaited = new AwaitedRecords(parts);
  const shared = { served: new ServedVersions(), awaited };
  const events = eventRoutes(parts, gate);
  const app = new Hono();

  const metrics = createMetrics(parts);
  app.use("*", metrics.count);
  app.use("/api/*", securityHeaders);
  app.route("/metrics", metricsRoutes(metrics, gate));
  app.route("/", healthRoutes(parts, gate));
  app.route("/api/auth", authRoutes(parts, gate));
  app.route("/api/setup", setupRoutes(parts, gate));
  app.route("/api", serverInfoRoutes(parts, gate));
  app.route("/api/cluster-info", clusterInfoRoutes(parts, gate));
  app.route("/api/users", whoamiRoutes(parts, gate));
  app.route("/api/users", userRoutes(parts, gate, shared));
  app.route("/api/groups", groupRoutes(parts, gate, shared));
  app.route("/api/roles", roleRoutes(parts, gate, shared));
  app.route("/api/templates", templateRoutes(parts, gate, shared));
  app.route("/api/templatevars", variableRoutes(parts, gate, shared));
  app.route("/api/tokens", tokenRoutes(parts, gate));
  app.route("/api/sessions", sessionRoutes(parts, gate));
  app.route("/api/audit-logs", auditLogRoutes(parts, gate));
  app.route("/api/search", searchRoutes(parts, gate));
  app.route("/api/events", events.routes);
  assertAccessDeclared(app);

  const methodsAt = allowedMethods(app);
  app.all("/api/*", (c) => {
    const methods = methodsAt(c.req.path);
    if (methods.length === 0) return answerError(c, new ApiError(404, "There is no such route"));
    c.header("Allow", methods.join(", "));
    return answerError(c, new ApiError(405, `This route takes ${methods.join(", ")}, not ${c.req.method}`));
  });
  app.onError((error, c) => {
    if (error instanceof ApiError) return answerError(c, error);
    parts.log.error("A request failed", {
      method: c.req.method,
      path: c.req.path,
      error: String(error),
      stack: error.stack,
    });
    return answerError(c, new ApiError(500, "The server failed to answer: its log says why"));
  });
  return {
    app,
    close() {
      events.close();
      awaited.close();
    },
  };
}
