import { Command, CommanderError, Option } from "commander";
import { logger, rateLimited, systemClock } from "../base/mod.ts";
import { adminCommand } from "./admin.ts";
import type { AdminSeats } from "./admin_seat.ts";
import { clusterCommand } from "./cluster.ts";
import { completionCommand } from "./completion.ts";
import { CommandFailure, EXIT, readable } from "./failure.ts";
import { genkeyCommand } from "./genkey.ts";
import { helpCommand } from "./help.ts";
import type { Io } from "./io.ts";
import { pingCommand } from "./ping.ts";
import { scaffoldCommand } from "./scaffold.ts";
import { serverCommand, type ServerLife, type StartServer } from "./server.ts";
import { addConfigOptions } from "./settings.ts";
import { validateCommand } from "./validate.ts";
import { VERSION, versionCommand } from "./version.ts";

/** What commands need of the rest of the house; tests put in their own. */
export interface Backend {
  readonly startServer: StartServer;
  readonly admin: AdminSeats;
}

/** A server carries on after an error that nobody caught, and says so, at most once in 10 s for each message. */
const STRAY_ERRORS_LIMIT = { perKeyMs: 10_000, keysMax: 16, clock: systemClock };

/**
 * Runs one command to its end.
 *
 * @param args as after the name of the program
 * @returns exit code: 0 done, 1 failed, 2 usage or configuration. Never rejects; failures are shown as lines `knot: …`,
 * with their stack where KNOT_DEBUG is 1.
 */
export async function run(args: readonly string[], io: Io, backend: Backend): Promise<number> {
  const life: ServerLife = { serving: false, exitCode: EXIT.done };
  const program = programOf(io, backend, life);
  const strayErrors = rateLimited(logger("server"), STRAY_ERRORS_LIMIT);
  const unsubscribe = io.onStrayError((error) => {
    if (life.serving) strayErrors.error("Error that nobody caught", { error }, readable(error));
    else io.exitNow(reported(error, io));
  });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: "user" });
    return life.exitCode;
  } catch (error) {
    return reported(error, io);
  } finally {
    unsubscribe();
  }
}

function programOf(io: Io, backend: Backend, life: ServerLife): Command {
  const program: Command = new Command("knot")
    .description("Servers that act as one, without a leader: people and templates are managed from any of them.")
    .version(VERSION, "-v, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false) // Ours goes deeper than one level.
    .addHelpText("after", PROGRAM_EXAMPLES)
    .enablePositionalOptions() // Else the program would take the flags of its commands that are called the same.
    .exitOverride()
    .configureHelp({ sortSubcommands: false, helpWidth: HELP_WIDTH })
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      outputError: (text, write) => write(oneLine(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  program.addOption(new Option("-V").hideHelp()).on("option:V", () => {
    io.stdout(`${VERSION}\n`);
    throw new CommanderError(EXIT.done, "commander.version", VERSION);
  });
  addConfigOptions(program, ["log.level"]); // The original takes these in front of the command, too.
  for (const command of commandsOf({ io, backend, life, program: () => program })) program.addCommand(command);
  adopt(program);
  return program;
}

const PROGRAM_EXAMPLES = `
Examples:
  knot server                                  a server on port 3000, data in ./knot-data
  knot scaffold --server > knot.toml           every setting, commented
  knot help server                             every flag and variable

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. KNOT_DEBUG=1 shows where a failure came from.`;

/** Commander begins with "error: " and puts its suggestion on a line of its own. */
function oneLine(text: string): string {
  return text.replace(/^error: /, "knot: ").replace(/\n\(Did you mean (.*)\?\)/, ": did you mean $1?");
}

/** Help is the same in every terminal and in tests. */
const HELP_WIDTH = 110;

interface CommandParts {
  readonly io: Io;
  readonly backend: Backend;
  readonly life: ServerLife;
  readonly program: () => Command;
}

function commandsOf({ io, backend: { startServer, admin }, life, program }: CommandParts): Command[] {
  return [
    serverCommand(io, startServer, life),
    scaffoldCommand(io),
    genkeyCommand(io),
    validateCommand(io),
    pingCommand(io),
    clusterCommand(io, admin),
    adminCommand(io, admin),
    completionCommand(io, program),
    versionCommand(io),
    helpCommand(program),
  ];
}

/** Commands made elsewhere know nothing of the output and the exit rules of the program. */
function adopt(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent).allowExcessArguments(false);
    adopt(command);
  }
}

function reported(error: unknown, io: Io): number {
  if (error instanceof CommanderError) { // It has said what is wrong, or has shown help or version.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  const lines = error instanceof CommandFailure ? error.message.split("\n") : [readable(error)];
  for (const line of lines) io.stderr(`knot: ${line}\n`);
  if (io.env.KNOT_DEBUG === "1" && error instanceof Error) io.stderr(`${stackOf(error)}\n`);
  return error instanceof CommandFailure && error.kind === "usage" ? EXIT.usage : EXIT.failed;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
