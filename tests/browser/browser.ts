import { type Browser, chromium, type Page } from "playwright-core";
import { CHROMIUM } from "./chromium.ts";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** WCAG 2.2 A and AA as far as a machine can tell, and axe's own advice on landmarks and headings. */
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** A real Chromium that ends with the scope. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  return await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS }) as Browser & AsyncDisposable;
}

/** What axe finds wrong with the page as it stands, one line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(await axeSource());
  return await page.evaluate(async (tags) => {
    // deno-lint-ignore no-explicit-any -- the script of the line above put it there.
    const { violations } = await (globalThis as any).axe.run({ runOnly: tags });
    return violations.map((violation: { id: string; nodes: Array<{ html: string; failureSummary: string }> }) =>
      `${violation.id}: ${violation.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`
    );
  }, AXE_TAGS);
}

/** Whether the page is wider than its window. */
export async function scrollsSideways(page: Page): Promise<boolean> {
  return await page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
}

let source: string | undefined;

async function axeSource(): Promise<string> {
  return source ??= await Deno.readTextFile(new URL(import.meta.resolve("axe-core")));
}
