/** Permission numbers of the REST API, for the features that exist here. Numbers are never reused. */
export const Permission = {
  ManageUsers: 0,
  ManageTemplates: 1,
  ManageGroups: 4,
  ManageRoles: 5,
  ManageVariables: 6,
  ViewAuditLogs: 9,
  ViewClusterInfo: 12,
  DownloadAuditLogs: 31,
} as const;

/** A number a role may carry: one of {@link Permission}, or one of the original's or a newer version's. */
export type PermissionNumber = number;

/** One line of `GET /api/permissions`. */
export interface PermissionInfo {
  readonly id: PermissionNumber;
  readonly name: string;
  readonly group: string;
  readonly description: string;
}

/** Every permission that does something on this server, in number order. */
export const PERMISSIONS: readonly PermissionInfo[] = [
  {
    id: Permission.ManageUsers,
    name: "Manage Users",
    group: "People",
    description: "Create, edit and delete users.",
  },
  {
    id: Permission.ManageTemplates,
    name: "Manage Templates",
    group: "Templates",
    description: "Create, edit, import and delete templates.",
  },
  {
    id: Permission.ManageGroups,
    name: "Manage Groups",
    group: "People",
    description: "Create, edit and delete groups.",
  },
  {
    id: Permission.ManageRoles,
    name: "Manage Roles",
    group: "People",
    description: "Create, edit and delete roles.",
  },
  {
    id: Permission.ManageVariables,
    name: "Manage Variables",
    group: "Templates",
    description: "Create, edit and delete template variables.",
  },
  {
    id: Permission.ViewAuditLogs,
    name: "View Audit Logs",
    group: "Audit",
    description: "See who did what through this server.",
  },
  {
    id: Permission.ViewClusterInfo,
    name: "View Cluster Info",
    group: "Cluster",
    description: "See all servers of the cluster and their state.",
  },
  {
    id: Permission.DownloadAuditLogs,
    name: "Download Audit Logs",
    group: "Audit",
    description: "Download the audit log as a file.",
  },
];

/** Greatest number a role may carry: far above the original's 41, and small enough for every client's integer. */
export const PERMISSION_NUMBER_MAX = 65_535;
