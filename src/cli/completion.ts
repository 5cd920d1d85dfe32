import { Argument, Command } from "commander";
import type { Io } from "./io.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** `knot completion SHELL`: a script that completes commands and flags. `program` gives the whole tree when asked. */
export function completionCommand(io: Io, program: () => Command): Command {
  return new Command("completion")
    .description("print a completion script for bash, zsh or fish")
    .addArgument(new Argument("<SHELL>").choices(SHELLS))
    .addHelpText("after", EXAMPLES)
    .action((shell: Shell) => io.stdout(scriptOf(shell, wordsByCommand(program()))));
}

const EXAMPLES = `
Examples:
  source <(knot completion bash)                                   in ~/.bashrc, likewise zsh in ~/.zshrc
  knot completion fish > ~/.config/fish/completions/knot.fish`;

/** What can follow each command, by its path below the program: `""`, `"cluster"`, `"cluster members"`. */
type Words = ReadonlyMap<string, { readonly commands: readonly string[]; readonly flags: readonly string[] }>;

function wordsByCommand(program: Command, path = ""): Words {
  const words = new Map();
  const flags = program.options.filter((option) => !option.hidden).map((option) => option.long!.slice(2));
  words.set(path, { commands: program.commands.map((command) => command.name()), flags: [...flags, "help"] });
  for (const command of program.commands) {
    const below = wordsByCommand(command, `${path} ${command.name()}`.trim());
    for (const [name, entry] of below) words.set(name, entry);
  }
  return words;
}

function scriptOf(shell: Shell, words: Words): string {
  switch (shell) {
    case "bash":
      return bashScript(words);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`;
    case "fish":
      return fishScript(words);
  }
}

/** Follows the words that name commands, then offers what the command at hand takes, and file names. */
function bashScript(words: Words): string {
  const cases = [...words].map(([path, { commands, flags }]) =>
    `    "${path}") words="${[...commands, ...flags.map((flag) => `--${flag}`)].join(" ")}" ;;`
  );
  const known = [...words.keys()].filter((path) => path !== "").map((path) => `"${path}"`).join(" | ");
  return `_knot() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at="" next words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${at:+$at }\${COMP_WORDS[i]}"
    case "$next" in ${known}) at="$next" ;; esac
  done
  case "$at" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _knot knot
`;
}

function fishScript(words: Words): string {
  const lines = [...words].flatMap(([path, { commands, flags }]) => {
    const condition = fishCondition(path, commands);
    return [
      ...commands.map((command) => `complete -c knot -f -n '${condition}' -a ${command}`),
      ...flags.map((flag) => `complete -c knot -n '${condition}' -l ${flag}`),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function fishCondition(path: string, commands: readonly string[]): string {
  if (path === "") return "__fish_use_subcommand";
  const seen = path.split(" ").map((command) => `__fish_seen_subcommand_from ${command}`);
  const notBelow = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.join(" ")}`];
  return [...seen, ...notBelow].join("; and ");
}
