import { Permission, type PermissionNumber, type Principal } from "../accounts/mod.ts";

/** One line of the main menu. */
export interface MenuItem {
  readonly path: string;
  readonly label: string;
}

interface MenuRule extends MenuItem {
  /** Who sees it; everybody signed in where absent. */
  readonly permission?: PermissionNumber;
  /** Shown in cluster mode alone. */
  readonly clusteredOnly?: boolean;
}

const MENU: readonly MenuRule[] = [
  { path: "/", label: "Dashboard" },
  { path: "/users", label: "Users", permission: Permission.ManageUsers },
  { path: "/groups", label: "Groups", permission: Permission.ManageGroups },
  { path: "/roles", label: "Roles", permission: Permission.ManageRoles },
  { path: "/templates", label: "Templates" },
  { path: "/variables", label: "Variables", permission: Permission.ManageVariables },
  { path: "/audit-log", label: "Audit Log", permission: Permission.ViewAuditLogs },
  { path: "/cluster-info", label: "Cluster Info", permission: Permission.ViewClusterInfo, clusteredOnly: true },
];

/** What this visitor finds in the menu, in its order. A page that is not in here refuses the visitor as well. */
export function menuItems(principal: Principal, { clustered }: { clustered: boolean }): MenuItem[] {
  return MENU.filter((item) =>
    (item.permission === undefined || principal.can(item.permission)) && (clustered || item.clusteredOnly !== true)
  );
}
