import { type Command, Option } from "commander";
import { definitionOf, type Flags, type Key, KEY_NAMES, type KnotConfig, loadConfig } from "../config/mod.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";

/** Adds `--config` and the flags of `keys`; default: of all keys. */
export function addConfigOptions(command: Command, keys: readonly Key[] = KEY_NAMES): Command {
  command.option("-c, --config <FILE>", "configuration file (environment KNOT_CONFIG)");
  for (const key of keys) for (const option of optionsOf(key)) command.addOption(option);
  return command;
}

/** Reads the configuration as the flags of `command`, the environment and the file have it. */
export function readConfig(
  command: Command,
  io: Io,
): { config: KnotConfig; file?: string; warnings: readonly string[] } {
  const { env, cwd, home, readFile } = io;
  const loaded = loadConfig({ flags: flagsOf(command), env, cwd, home, readFile });
  if (loaded.kind === "loaded") return loaded;
  throw new CommandFailure(loaded.problems, "usage");
}

/** Warnings go to standard error, so that they never end up in a pipe. */
export function printWarnings(warnings: readonly string[], io: Io): void {
  for (const warning of warnings) io.stderr(`knot: warning: ${warning}\n`);
}

/** What was given on the command line, by long flag name: behind the command, and in front of it (`knot --config F server`). */
export function flagsOf(command: Command): Flags {
  const given: Record<string, Flags[string]> = command.parent === null ? {} : { ...flagsOf(command.parent) };
  for (const option of command.options) {
    const flag = option.long?.replace(/^--(no-)?/, "");
    const value: unknown = command.getOptionValue(option.attributeName());
    if (flag === undefined || value === undefined) continue;
    given[flag] = Array.isArray(value) || typeof value === "boolean" ? value : String(value);
  }
  return given;
}

function optionsOf(key: Key): Option[] {
  const { flag, short, placeholder, help, environment, form } = definitionOf(key);
  const names = short === undefined ? `--${flag}` : `-${short}, --${flag}`;
  const description = `${help} [${environment}]`;
  switch (form) {
    case "boolean": // `--flag`, `--flag=false` and `--no-flag` all work; the last need not fill the help.
      return [new Option(`${names} [${placeholder}]`, description), new Option(`--no-${flag}`).hideHelp()];
    case "list":
      return [new Option(`${names} <${placeholder}>`, description).argParser(collect)];
    default:
      return [new Option(`${names} <${placeholder}>`, description)];
  }
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...before ?? [], value];
}
