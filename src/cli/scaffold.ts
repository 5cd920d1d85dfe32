import { Command } from "commander";
import { scaffold } from "../config/mod.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";

/** `knot scaffold --server`: the commented configuration file. */
export function scaffoldCommand(io: Io): Command {
  return new Command("scaffold")
    .description("print a commented knot.toml")
    .option("--server", "the configuration of a server")
    .addHelpText("after", "\nExample:\n  knot scaffold --server > knot.toml")
    .action(({ server }: { server?: boolean }) => {
      if (!server) throw new CommandFailure("Cannot print a scaffold: say which one, --server", "usage");
      io.stdout(scaffold());
    });
}
