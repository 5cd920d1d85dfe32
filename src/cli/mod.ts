/**
 * The command line, one file a command. Commands get the world through {@link Io} and the rest of the house through
 * {@link Backend}, so that tests run them without a process. Whatever goes wrong ends as lines `knot: …` and an exit code.
 */
import type { Io } from "./io.ts";
import { type Backend, run as runCommand } from "./run.ts";
import { systemBackend } from "./system_backend.ts";
import { systemIo } from "./system_io.ts";

export type { Backend, Io };

/**
 * Runs one command line in this process.
 *
 * @param args as after the name of the program
 * @returns exit code: 0 done, 1 failed, 2 usage or configuration; all output is out by then
 */
export function run(args: readonly string[], io: Io = systemIo(), backend: Backend = systemBackend()): Promise<number> {
  return runCommand(args, io, backend);
}
