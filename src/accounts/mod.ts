/**
 * Users, groups, roles, permissions, passwords, one-time codes, sessions, tokens and first-run setup. Services take whatever was sent
 * (`unknown`), check it, decide, and answer with tagged outcomes; the API and the pages only translate.
 */
export type * from "./contract.ts";
export type * from "./outcome.ts";
export { AUDIT_ROWS_MAX, type AuditEvent, type AuditItem, type AuditQuery, type AuditService } from "./audit_log.ts";
export type { AuditRow, AuditStore } from "./audit_store.ts";
export { type Audited, audited } from "./audited.ts";
export { type Passwords } from "./password.ts";
export { Permission, type PermissionInfo, type PermissionNumber, PERMISSIONS } from "./permission.ts";
export { createSealer, type Sealer } from "./sealer.ts";
export { type Credential, OPERATOR, type Principal } from "./principal.ts";
export { type AccountsConfig, type AccountsParts, createAccounts } from "./accounts.ts";
export { SHELLS } from "./user_input.ts";
