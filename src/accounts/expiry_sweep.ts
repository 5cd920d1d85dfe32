import type { Clock, Entropy, Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";
import { readFields } from "./stored_fields.ts";

/** Between two sweeps; each server adds up to as much again by chance, so that seldom two sweep the same. */
const SWEEP_MS = 3_600_000;
/** What expired longer ago is deleted: well past any difference of clocks, and past renewals that are still under way. */
const KEPT_AFTER_EXPIRY_MS = 24 * 3_600_000;
/** Records deleted in one sweep: a little load, and 12,000 a day. */
const SWEPT_MAX = 500;

/** Deletes sessions and tokens that expired. Returns the stop. */
export function sweepExpired(
  { node, clock, entropy, log }: { node: Node; clock: Clock; entropy: Entropy; log: Logger },
): () => void {
  let stopped = false;
  let cancel = () => {};
  const plan = () => {
    const share = entropy(1)[0] / 255;
    cancel = clock.after(SWEEP_MS * (1 + share), sweep);
  };
  const sweep = async () => {
    const before = clock.wallMs() - KEPT_AFTER_EXPIRY_MS;
    const expired = ["session", "api_token"].flatMap((kind) => node.list(kind))
      .filter((record) => readFields(record, { expires_at: 0 }).expires_at < before)
      .slice(0, SWEPT_MAX);
    for (const { kind, id } of expired) {
      if (stopped) return;
      await node.write([{ op: "delete", kind, id }]);
    }
    if (expired.length > 0) log.debug("Deleted expired sessions and tokens", { count: expired.length });
    if (!stopped) plan();
  };
  plan();
  return () => {
    stopped = true;
    cancel();
  };
}
