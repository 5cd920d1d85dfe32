import { Command } from "commander";

/** `knot help [COMMAND…]`: the help of a command at any depth, as `knot COMMAND… --help`. */
export function helpCommand(program: () => Command): Command {
  return new Command("help")
    .description("show help for a command")
    .argument("[COMMAND...]")
    .addHelpText("after", "\nExamples:\n  knot help server\n  knot help admin create-user")
    .action((path: string[]) => void helpOf(program(), path).help());
}

function helpOf(program: Command, path: readonly string[]): Command {
  return path.reduce((command, name) => {
    const found = command.commands.find((below) => below.name() === name);
    if (found === undefined) command.error(`knot: unknown command '${name}'${suggestion(command)}`);
    return found!;
  }, program);
}

function suggestion(command: Command): string {
  return `: there is ${command.commands.map((below) => below.name()).join(", ") || "nothing below"}`;
}
