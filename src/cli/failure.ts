/** Ends a command: shown as one line `knot: …`, without a stack. `usage` is exit code 2, `failed` is 1. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly kind: "failed" | "usage";

  /** `lines` are shown one by one, each behind `knot: `. */
  constructor(lines: string | readonly string[], kind: "failed" | "usage" = "failed", options?: ErrorOptions) {
    super([lines].flat().join("\n"), options);
    this.kind = kind;
  }
}

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** What a person can read of any thrown thing: the first line of its message. */
export function readable(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0] || "unknown failure";
}
