/** What a form shows of a value that may be anything: services' input, or what a browser sent. */

/** The value where it is text, else "". */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value where it is a number, else "": an empty number field. */
export function numberOf(value: unknown): number | string {
  return typeof value === "number" && Number.isFinite(value) ? value : "";
}

/** The texts in the value where it is a list. */
export function wordsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];
}

/** The objects in the value where it is a list. */
export function itemsOf(value: unknown): ReadonlyArray<Readonly<Record<string, unknown>>> {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}
