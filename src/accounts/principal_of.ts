import type { Node } from "../node/mod.ts";
import type { RecordView } from "../records/mod.ts";
import type { Credential, Principal } from "./principal.ts";
import { listedPermissions, rightsOf } from "./rights.ts";
import { readFields } from "./stored_fields.ts";

/** The principal that a user is at this moment. */
export function principalOf(node: Node, user: RecordView, credential: Credential): Principal {
  const rights = rightsOf(node, user);
  return {
    userId: user.id,
    ...readFields(user, { username: "", email: "" }),
    admin: rights.admin,
    groups: user.sets.groups ?? [],
    permissions: listedPermissions(rights),
    credential,
    can: (permission) => rights.admin || rights.numbers.has(permission),
  };
}
