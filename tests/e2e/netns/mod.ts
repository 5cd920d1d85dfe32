/**
 * Real servers, each in a network namespace of its own, joined by a router in the middle that can lose, cut and count what
 * they send to each other. Linux and root only; {@link whyNoNamespaces} says why where it cannot work.
 */
export { changesOfSides, type Healing, SIDES, timeHealing } from "./healing.ts";
export type { LinkRule, Traffic } from "./link_rule.ts";
export { NetworkLab, type Place } from "./lab.ts";
export { type MemberChange, memberChanges } from "./member_changes.ts";
export { type MemberSeen, NamespaceCluster } from "./cluster.ts";
export { inNamespace, launcher, launcherThrough, NamespaceServer } from "./server.ts";
export { throughout } from "./throughout.ts";
export { whyNoNamespaces } from "./support.ts";
