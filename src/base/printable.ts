/** Characters that draw on a terminal, break lines or turn the direction of writing. */
// deno-lint-ignore no-control-regex -- these are the ones to escape
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with control and direction characters as escapes (`\u202e`): what a peer sent must not pose as something else. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
