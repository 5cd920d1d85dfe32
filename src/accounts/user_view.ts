import type { Node } from "../node/mod.ts";
import type { RecordView } from "../records/mod.ts";
import type { User } from "./contract.ts";
import { readFields, timeText } from "./stored_fields.ts";

/** The open fields of a user record and what they read as when never written. Hash and secrets are deliberately not among them. */
const DEFAULTS = {
  username: "",
  email: "",
  active: false,
  max_spaces: 0,
  compute_units: 0,
  storage_units: 0,
  max_tunnels: 0,
  ssh_public_key: "",
  github_username: "",
  preferred_shell: "bash",
  timezone: "UTC",
};

/** Names of the fields and sets that a client may have read and changed. */
export const USER_NAMES = { fields: Object.keys(DEFAULTS), sets: ["roles", "groups"] } as const;

/** A record as a user without secrets. */
export function userOf(node: Node, record: RecordView): User {
  const { last_login_at } = readFields(record, { last_login_at: 0 });
  return {
    user_id: record.id,
    ...readFields(record, DEFAULTS),
    roles: record.sets.roles ?? [],
    groups: record.sets.groups ?? [],
    last_login_at: last_login_at === 0 ? null : timeText(last_login_at),
    created_at: timeText(record.createdAtMs),
    updated_at: timeText(record.updatedAtMs),
    in_conflict: node.inConflict("user", record.id),
    has_totp: readFields(record, { totp_secret: "" }).totp_secret !== "",
    version: record.version,
  };
}
