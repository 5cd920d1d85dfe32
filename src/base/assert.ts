/** Thrown by {@link assert}: a bug of ours, never something that a peer, a file or a browser sent. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Checks what only our own bug can break. Stays on in production.
 *
 * @throws {AssertionError} if `condition` is false
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
