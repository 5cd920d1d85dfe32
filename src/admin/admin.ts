import type { FieldErrors } from "../accounts/mod.ts";
import type { DatabaseCheck, FoundLostEdit, Node, NodeStatus } from "../node/mod.ts";

/** A user as the command line makes one. */
export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** By name or id. */
  readonly roles: readonly string[];
}

/** Nothing changed; `reason` is a sentence for the operator. */
export interface Failed {
  readonly kind: "failed";
  readonly reason: string;
}

/** How making a user ended. */
export type CreateUserOutcome =
  /** `admin`: the user has the admin role, asked for or because there was no admin; `setUp`: this was the first-run setup. */
  | { readonly kind: "created"; readonly userId: string; readonly admin: boolean; readonly setUp: boolean }
  /** What breaks a rule, by field. */
  | { readonly kind: "invalid"; readonly fields: FieldErrors }
  /** Another user has the username or the email. */
  | { readonly kind: "name_taken"; readonly fields: FieldErrors }
  /** The server is empty and still looks for its cluster: users come from there. */
  | { readonly kind: "joining" }
  | Failed;

/** How setting a password ended. */
export type SetPasswordOutcome =
  | { readonly kind: "updated"; readonly username: string }
  | { readonly kind: "not_found" }
  | { readonly kind: "invalid"; readonly fields: FieldErrors }
  | Failed;

/** How taking a one-time-code secret away ended. */
export type ResetTotpOutcome =
  | { readonly kind: "updated"; readonly username: string }
  | { readonly kind: "not_found" }
  | Failed;

/** What each live member thinks of the others, by its id. */
export type Opinions = Awaited<ReturnType<Node["opinions"]>>;

/** How removing a member ended. */
export type ForgetMemberOutcome =
  /** `spared`: so many others have that name as well, and are not gone. */
  | { readonly kind: "forgotten"; readonly nodeId: string; readonly address: string; readonly spared: number }
  /** No member has this id, end of an id, address, hostname or zone. */
  | { readonly kind: "not_found" }
  /** Several have, and either all or none of them are gone. */
  | { readonly kind: "ambiguous"; readonly nodeIds: readonly string[] }
  /** It answers: it must leave by itself, or be stopped. */
  | { readonly kind: "alive" }
  | Failed;

/** What was edited in vain. */
export type LostEditsOutcome = { readonly kind: "listed"; readonly edits: readonly FoundLostEdit[] } | Failed;

/** How leaving began. */
export type LeaveClusterOutcome =
  /** `reached` of the `others` that the server remembers answered it just before, and will have heard. */
  | { readonly kind: "leaving"; readonly nodeId: string; readonly reached: number; readonly others: number }
  | Failed;

/** What a look at the whole database found. */
export type CheckOutcome =
  | { readonly kind: "checked"; readonly check: DatabaseCheck }
  /** The database cannot be read; a sentence for the operator. */
  | Failed;

/** What the command line may do to a server: the same over the socket of a running one and on a store opened by itself. */
export interface Admin {
  /**
   * Makes a user; on a server without data by way of the first-run setup. Where no active admin exists, because a partition removed
   * the last one or this is the first user, the user gets the admin role.
   */
  createUser(user: NewUser): Promise<CreateUserOutcome>;
  /** Sets the password of the user with this id, username or email, and thereby ends their sessions. */
  setPassword(change: { readonly user: string; readonly password: string }): Promise<SetPasswordOutcome>;
  /** The cluster as this server sees it. */
  members(): Promise<NodeStatus>;
  /** Takes up to a second; who does not answer in time is missing. */
  opinions(): Promise<Opinions>;
  /** Takes the one-time-code secret of the user with this id, username or email away: the next sign-in enrols anew. */
  resetTotp(user: string): Promise<ResetTotpOutcome>;
  /** Removes a member that is gone, by id or its end (6 digits or more), address, hostname or zone, everywhere and for ever. */
  forgetMember(name: string): Promise<ForgetMemberOutcome>;
  /** Edits of records that the cluster had deleted while this server was away, the oldest first. */
  lostEdits(): Promise<LostEditsOutcome>;
  /** Takes this server out of its cluster for good, and stops it; before that takes up to a second to see who will hear of it. */
  leaveCluster(): Promise<LeaveClusterOutcome>;
  /** Reads every row of the database and says what is wrong with it; changes nothing. */
  checkDatabase(): Promise<CheckOutcome>;
}

/** A server that cannot be administered; the message names the server, the cause and the way out. */
export class AdminError extends Error {
  override readonly name = "AdminError";
}
