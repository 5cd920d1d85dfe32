import type { WriteOptions } from "../node/mod.ts";
import type { AuditService } from "./audit_log.ts";
import type { CreateOutcome, DeleteOutcome, FieldErrors, Refusal, UpdateOptions, UpdateOutcome } from "./outcome.ts";
import type { PermissionInfo, PermissionNumber } from "./permission.ts";
import type { Principal } from "./principal.ts";

/**
 * A user without secrets. Names are those of the REST API, of the forms and of the stored fields alike: one vocabulary.
 * Times are RFC 3339 text in UTC. Limits of 0 are unlimited.
 */
export interface User {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly active: boolean;
  readonly max_spaces: number;
  readonly compute_units: number;
  readonly storage_units: number;
  readonly max_tunnels: number;
  readonly ssh_public_key: string;
  readonly github_username: string;
  readonly preferred_shell: string;
  readonly timezone: string;
  readonly last_login_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** Another user owns this one's email or username, since a partition: mended by renaming or deleting. */
  readonly in_conflict: boolean;
  /** A one-time code is asked for at sign-in. */
  readonly has_totp: boolean;
  /** The record's version, for `ETag`. */
  readonly version: string;
}

/** What only the owner may read. */
export interface UserSecrets {
  readonly service_password: string;
  readonly ssh_private_key: string;
  readonly totp_secret: string;
}

/**
 * Users. Nobody may change a user who holds a permission they lack, nor give or take a role that carries one. Users change their
 * own password, email and preferences without any permission; nobody deletes or deactivates themselves; one active admin always stays.
 */
export interface UserService {
  /** In username order; `state` "" or "all" for everybody. */
  list(query?: { readonly state?: "all" | "active" | "inactive" }): User[];
  /** By id, username or email. */
  get(idOrName: string): User | undefined;
  /** Only the caller's own; undefined for the operator. */
  secrets(principal: Principal): UserSecrets | undefined;
  /** What the user's roles carry now, ascending; an admin's are the listed ones. */
  permissions(userId: string): readonly PermissionNumber[];
  /**
   * `input`: `{username, password, email, roles?, groups?, active?, max_spaces?, compute_units?, storage_units?, max_tunnels?, ssh_public_key?,
   * github_username?, preferred_shell?, timezone?}`.
   */
  create(principal: Principal, input: unknown, write?: WriteOptions): Promise<CreateOutcome>;
  /** `input` as for `create` plus `service_password`, each optional; an empty password leaves it as it is. `id` is an id or a name. */
  update(principal: Principal, id: string, input: unknown, options?: UpdateOptions): Promise<UpdateOutcome>;
  /** Takes the one-time-code secret away: the next sign-in enrols anew. */
  resetTotp(principal: Principal, id: string): Promise<UpdateOutcome>;
  delete(principal: Principal, id: string, write?: WriteOptions): Promise<DeleteOutcome>;
}

/** A group of users; limits add to those of its members. */
export interface Group {
  readonly group_id: string;
  readonly name: string;
  readonly max_spaces: number;
  readonly compute_units: number;
  readonly storage_units: number;
  readonly max_tunnels: number;
  readonly in_conflict: boolean;
  readonly version: string;
}

/** Groups. Changing them needs Manage Groups. */
export interface GroupService {
  /** In name order. */
  list(): Group[];
  /** By id or name. */
  get(idOrName: string): Group | undefined;
  /** `input`: `{name, max_spaces?, compute_units?, storage_units?, max_tunnels?}`. */
  create(principal: Principal, input: unknown, write?: WriteOptions): Promise<CreateOutcome>;
  update(principal: Principal, id: string, input: unknown, options?: UpdateOptions): Promise<UpdateOutcome>;
  delete(principal: Principal, id: string, write?: WriteOptions): Promise<DeleteOutcome>;
}

/** A role. The admin role is built in: it is listed first, has every permission, and is not a record. */
export interface Role {
  readonly role_id: string;
  readonly name: string;
  /** Ascending; numbers unknown here are kept. */
  readonly permissions: readonly PermissionNumber[];
  readonly built_in: boolean;
  readonly in_conflict: boolean;
  readonly version: string;
}

/** Roles. Changing them needs Manage Roles; nobody but an admin puts in, or edits a role that has, a permission they lack. */
export interface RoleService {
  /** The admin role first, then in name order. */
  list(): Role[];
  /** By id or name. */
  get(idOrName: string): Role | undefined;
  /** `input`: `{name, permissions?}`. */
  create(principal: Principal, input: unknown, write?: WriteOptions): Promise<CreateOutcome>;
  update(principal: Principal, id: string, input: unknown, options?: UpdateOptions): Promise<UpdateOutcome>;
  delete(principal: Principal, id: string, write?: WriteOptions): Promise<DeleteOutcome>;
}

/** A place somebody is signed in at. */
export interface Session {
  readonly session_id: string;
  readonly ip: string;
  readonly user_agent: string;
  /** RFC 3339. */
  readonly expires_at: string;
  /** The one this request came with. */
  readonly current: boolean;
}

/** Sessions: 14 days, sliding (renewed at most once a day). A changed password ends all but the one it was changed in. */
export interface SessionService {
  /** The caller's own, newest first. */
  list(principal: Principal): Session[];
  /** Ends one of the caller's own: sign-out, or from the list. */
  delete(principal: Principal, id: string): Promise<DeleteOutcome>;
}

/** An API token as listed: its bearer value is shown once, at creation. */
export interface ApiToken {
  readonly token_id: string;
  readonly name: string;
  /** RFC 3339; 14 days after the last use. */
  readonly expires_after: string;
  readonly scopes: readonly string[];
}

/** API tokens of the caller. They expire 14 days after their last use, and survive a change of password. */
export interface TokenService {
  list(principal: Principal): ApiToken[];
  /** `input`: `{name, scopes?}`. `bearer` is the value to send as `Authorization: Bearer …`; it cannot be read again. */
  create(
    principal: Principal,
    input: unknown,
    write?: WriteOptions,
  ): Promise<Exclude<CreateOutcome, Refusal> & { readonly bearer: string } | Refusal>;
  /** `id` is the listed id, or the bearer value itself. */
  update(principal: Principal, id: string, input: unknown, options?: UpdateOptions): Promise<UpdateOutcome>;
  delete(principal: Principal, id: string, write?: WriteOptions): Promise<DeleteOutcome>;
}

/** Where a request comes from. */
export interface Caller {
  /** Address of the client, without port. */
  readonly ip: string;
  readonly userAgent: string;
}

/** How a sign-in ended. */
export type SignInOutcome =
  | {
    readonly kind: "signed_in";
    readonly userId: string;
    /** Value of the session cookie, or of `Authorization: Bearer`. */
    readonly sessionToken: string;
    /** Seconds until the session ends unless used. */
    readonly maxAgeSeconds: number;
    /** Set once, when this sign-in enrolled the user for one-time codes: to be shown and stored by an authenticator. */
    readonly totpSecret: string | undefined;
    /** `otpauth://` address of the same secret, for a QR code. */
    readonly totpUri: string | undefined;
  }
  /** Wrong email, password or code, no such user, deactivated or in conflict: deliberately one answer. */
  | { readonly kind: "rejected" }
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds: number }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Whether somebody who is signed in knows their password. */
export type VerifyOutcome =
  | { readonly kind: "right" }
  | { readonly kind: "wrong" }
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds: number }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Signing in and proving who one is. */
export interface SignInService {
  /** One-time codes are asked for on this server. */
  readonly usesTotp: boolean;
  signIn(
    input: { readonly email: string; readonly password: string; readonly totpCode?: string },
    caller: Caller,
  ): Promise<SignInOutcome>;
  /** Asks who is signed in for their present password, before something that an unlocked browser must not be enough for. */
  verifyPassword(principal: Principal, password: string): Promise<VerifyOutcome>;
  /**
   * Who a request is from, or undefined. A join at read time: the session or token exists and has not expired, its user exists and is
   * active, the session was made with the present password. A bearer value may be an API token or a session.
   */
  authenticate(
    credentials: { readonly bearer?: string; readonly sessionToken?: string } & Caller,
  ): Principal | undefined;
}

/** How first-run setup ended. */
export type SetupOutcome =
  | { readonly kind: "set_up"; readonly userId: string }
  | { readonly kind: "already_set_up" }
  | { readonly kind: "wrong_token" }
  /** Still looking for a populated peer. */
  | { readonly kind: "joining" }
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds: number }
  | { readonly kind: "invalid"; readonly fields: FieldErrors }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "storage_failed"; readonly reason: string };

/** First run: only who can read the log or the data folder makes the first admin. */
export interface SetupService {
  /** Setup is offered now: the server is ready and has no data. */
  readonly needed: boolean;
  /** True when `token` is the one-time token of this start. Constant time. */
  checkToken(token: string): boolean;
  setUp(
    input: { readonly token: string; readonly username: string; readonly email: string; readonly password: string },
    caller: Caller,
  ): Promise<SetupOutcome>;
}

/** The numbers this server knows. */
export interface PermissionService {
  list(): readonly PermissionInfo[];
}

/** Everything about people. */
export interface Accounts {
  readonly users: UserService;
  readonly groups: GroupService;
  readonly roles: RoleService;
  readonly sessions: SessionService;
  readonly tokens: TokenService;
  readonly signIn: SignInService;
  readonly setup: SetupService;
  readonly permissions: PermissionService;
  readonly audit: AuditService;
  /** Stops timers, removes an unused setup token, and writes what the audit log still holds. */
  close(): Promise<void>;
}
