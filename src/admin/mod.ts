/**
 * What the operator at the machine's own console may do: users, passwords, a look at the cluster. One interface, {@link Admin},
 * is served to `knot admin …` over a unix socket in the data folder while a server runs, and used directly on an opened
 * store when none does. There is no password: who may open the folder may do everything.
 */
export {
  type Admin,
  AdminError,
  type CheckOutcome,
  type CreateUserOutcome,
  type Failed,
  type ForgetMemberOutcome,
  type LeaveClusterOutcome,
  type LostEditsOutcome,
  type NewUser,
  type Opinions,
  type ResetTotpOutcome,
  type SetPasswordOutcome,
} from "./admin.ts";
export { isGone, isWebsocket, memberPath } from "../node/mod.ts";
export { type ClusterControls, localAdmin, type LocalAdminParts } from "./local_admin.ts";
export { adminRoutes, type AdminRoutesParts } from "./routes.ts";
export { type AdminClient, connectAdmin } from "./socket_client.ts";
export { SOCKET_FILE } from "./socket_path.ts";
export { type AdminSocket, serveAdminSocket } from "./socket_server.ts";
