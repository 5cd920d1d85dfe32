/** Debian's Chromium, or the one that KNOT_CHROMIUM names. */
export const CHROMIUM: string = Deno.env.get("KNOT_CHROMIUM") ?? "/usr/bin/chromium";

/** Whether this machine has a browser at all. */
export function browserIsInstalled(): boolean {
  try {
    return Deno.statSync(CHROMIUM).isFile;
  } catch {
    return false;
  }
}
