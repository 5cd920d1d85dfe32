import type { Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Sealer } from "./sealer.ts";
import { readFields } from "./stored_fields.ts";

/** Says at start how many one-time-code secrets cannot be opened here: else each of those users finds out at their next sign-in. */
export function warnOfForeignSeals({ node, sealer, log }: { node: Node; sealer: Sealer; log: Logger }): void {
  const users = node.list("user").filter((user) => {
    const { totp_secret } = readFields(user, { totp_secret: "" });
    return totp_secret !== "" && sealer.open(totp_secret) === undefined;
  }).length;
  if (users > 0) {
    log.warn("Users cannot sign in here: their one-time-code secrets were sealed under another server.encrypt key", {
      users,
    });
  }
}
