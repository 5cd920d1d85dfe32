import { Command } from "commander";
import product from "../../deno.json" with { type: "json" };
import type { Io } from "./io.ts";

/** The product's version, as in `deno.json`. */
export const VERSION: string = product.version;

/** `knot version`: the same as `--version`. */
export function versionCommand(io: Io): Command {
  return new Command("version")
    .description("print the version")
    .addHelpText("after", "\nExample:\n  knot version")
    .action(() => io.stdout(`${VERSION}\n`));
}
