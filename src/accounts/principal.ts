import type { PermissionNumber } from "./permission.ts";

/** Who is asking, as of this request: rights are looked up anew each time and never cached. */
export interface Principal {
  /** "" for the operator at the machine's own console, who has no user. */
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  /** Holds the built-in admin role: may do everything. */
  readonly admin: boolean;
  /** Ids of the groups the user is in. */
  readonly groups: readonly string[];
  /** Numbers that the user's roles carry, ascending, unknown ones included; an admin's are the listed ones. */
  readonly permissions: readonly PermissionNumber[];
  /** What the request was proved with: a session, an API token, or the operator's console. `id` is the record's id, never the secret. */
  readonly credential: Credential;
  can(permission: PermissionNumber): boolean;
}

/** What proved a request. A token's scopes narrow what it may reach; none: everything its user may. */
export type Credential =
  | { readonly kind: "session" | "operator"; readonly id: string }
  | { readonly kind: "token"; readonly id: string; readonly scopes: readonly string[] };

/** The operator at the machine's own console (`knot admin …` over the socket in the data folder): may do everything, is no user. */
export const OPERATOR: Principal = Object.freeze({
  userId: "",
  username: "operator",
  email: "",
  admin: true,
  groups: [],
  permissions: [],
  credential: { kind: "operator", id: "" } as const,
  can: () => true,
});
