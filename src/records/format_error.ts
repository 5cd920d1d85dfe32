/** Bytes or values that are no record of ours: hostile, damaged, or past a limit of `limits.ts`. */
export class RecordFormatError extends Error {
  override readonly name = "RecordFormatError";
}
