import { Hono } from "hono";
import { Permission } from "../accounts/mod.ts";
import { loadAssets } from "./assets.ts";
import { clusterEvents } from "./cluster_events.tsx";
import { isCrossSite } from "./cross_site.ts";
import { setFlash } from "./flash.ts";
import { FormTooLargeError } from "./form_bytes.ts";
import { accountRoutes } from "./pages/account.tsx";
import { auditLogPage } from "./pages/audit_log.tsx";
import { clusterInfoPage } from "./pages/cluster_info.tsx";
import { dashboardPage } from "./pages/dashboard.tsx";
import { crossSitePage, failurePage, tooLargePage } from "./pages/failure.tsx";
import { groupsResource } from "./pages/groups.tsx";
import { joiningPage } from "./pages/joining.tsx";
import { notFoundPage } from "./pages/not_found.tsx";
import { opinionsPage } from "./pages/opinions.tsx";
import { rolesResource } from "./pages/roles.tsx";
import { setupRoutes } from "./pages/setup.tsx";
import { signInRoutes } from "./pages/sign_in.tsx";
import { templatesResource } from "./pages/templates.tsx";
import { usersResource } from "./pages/users.tsx";
import { variablesResource } from "./pages/variables.tsx";
import { complaintText } from "./refusal.ts";
import { resourceRoutes } from "./resource_routes.ts";
import { securityHeaders } from "./security_headers.ts";
import type { SignedIn, Site, UiParts } from "./site.ts";
import { permit, signedIn } from "./visitor.ts";

/** The pages, ready to be mounted. */
export interface Ui {
  /** Answers every path: mount it at "/" after the API and all other routes. */
  readonly app: Hono;
  /** Ends the event streams, which a graceful stop would otherwise wait for. */
  close(): void;
}

/**
 * Builds the pages.
 *
 * @throws {Error} if the static files are not found
 */
export function uiRoutes(parts: UiParts): Ui {
  const site: Site = { ...parts, assets: loadAssets() };
  const events = clusterEvents(site);
  const app = new Hono();
  app.use("*", securityHeaders);
  app.route("/static", site.assets.routes);
  app.use("*", async (c, next) => isCrossSite(c, site.config.url) ? await crossSitePage(c, site) : await next());
  app.use("*", async (c, next) => {
    const { kind } = site.node.status().readiness;
    if (kind === "joining") return await joiningPage(c, site);
    if (kind === "setup_needed" && c.req.path !== "/setup") return c.redirect("/setup", 303);
    await next();
  });
  app.route("/setup", setupRoutes(site));
  app.route("/", signInRoutes(site));
  app.route("/", pagesBehindSignIn(site, events));
  app.all("*", (c) => notFoundPage(c, site));
  app.onError((error, c) => {
    if (error instanceof FormTooLargeError) return tooLargePage(c, site);
    site.log.error("Page failed", { path: c.req.path, method: c.req.method, error: error.stack ?? error.message });
    return failurePage(c, site);
  });
  return { app, close: () => events.close() };
}

function pagesBehindSignIn(site: Site, events: ReturnType<typeof clusterEvents>): Hono<SignedIn> {
  const app = new Hono<SignedIn>();
  const guard = signedIn(site);
  app.get("/", guard, (c) => dashboardPage(c, site));
  app.use("/account/*", guard);
  app.route("/account", accountRoutes(site));
  app.use("/users/*", guard);
  app.post("/users/:id/reset-totp", permit(site, Permission.ManageUsers), async (c) => {
    const id = c.req.param("id");
    const outcome = await site.accounts.users.resetTotp(c.var.principal, id);
    if (outcome.kind === "updated") setFlash(c, "Reset the one-time codes.");
    else setFlash(c, complaintText(outcome, "user"), { problem: true });
    return c.redirect(`/users/${encodeURIComponent(id)}/edit`, 303);
  });
  app.route("/users", resourceRoutes(site, usersResource(site)));
  app.use("/groups/*", guard);
  app.route("/groups", resourceRoutes(site, groupsResource(site)));
  app.use("/roles/*", guard);
  app.route("/roles", resourceRoutes(site, rolesResource(site)));
  app.use("/templates/*", guard);
  app.route("/templates", resourceRoutes(site, templatesResource(site)));
  app.use("/variables/*", guard);
  app.route("/variables", resourceRoutes(site, variablesResource(site)));
  app.get("/audit-log", guard, permit(site, Permission.ViewAuditLogs), (c) => auditLogPage(c, site));
  app.use("/cluster-info/*", guard, permit(site, Permission.ViewClusterInfo), async (c, next) => {
    if (!site.node.status().clustered) return await notFoundPage(c, site, "This server is not part of a cluster.");
    await next();
  });
  app.get("/cluster-info", (c) => clusterInfoPage(c, site));
  app.get("/cluster-info/opinions", (c) => opinionsPage(c, site));
  app.get("/cluster-info/events", (c) => events.open(c));
  return app;
}
