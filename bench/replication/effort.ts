import type { Effort as Size } from "../membership/row.ts";

/** How much is measured, and who may stop it. */
export interface Effort extends Size {
  /** Aborted when somebody wants it to end: what runs is cleared away, without a verdict. */
  readonly signal: AbortSignal;
  /** Tells who waits how far it is. */
  progress(text: string): void;
}
