import type { Command } from "commander";
import { configureLog, logger } from "../base/mod.ts";
import type { KnotConfig } from "../config/mod.ts";
import { CommandFailure, readable } from "./failure.ts";
import type { Io } from "./io.ts";
import { readConfig } from "./settings.ts";

/** Answers SIGHUP: reads the configuration anew, in the order of the signals. Never throws. */
export class Reload {
  readonly #command: Command;
  readonly #io: Io;
  readonly #started: KnotConfig;
  #last: Promise<void> = Promise.resolve();

  /** `started`: what the server was started with, and runs on. */
  constructor(command: Command, { io, started }: { io: Io; started: KnotConfig }) {
    this.#command = command;
    this.#io = io;
    this.#started = started;
  }

  /** Takes up what a running server can take up, which is the log; resolves when that is done. */
  request(): Promise<void> {
    return this.#last = this.#last.then(() => this.#reload());
  }

  async #reload(): Promise<void> {
    const log = logger("config");
    try {
      const { config, warnings } = readConfig(this.#command, this.#io);
      await configureLog({ level: config.log.level, format: config.log.format });
      for (const warning of warnings) log.warn("Configuration has a warning", { warning });
      const needRestart = changedKeys(this.#started.server, config.server, "server");
      if (needRestart.length > 0) log.warn("Some changes of the configuration need a restart", { keys: needRestart });
      log.info("Reloaded the configuration", { logLevel: config.log.level, logFormat: config.log.format });
    } catch (error) {
      const problems = error instanceof CommandFailure ? error.message.split("\n") : [readable(error)];
      log.error("Cannot reload the configuration: the server runs on with the one that it has", { problems });
    }
  }
}

/** Names of what differs, as the file has them. Values stay out: some are secret. */
function changedKeys(before: object, after: object, path: string): string[] {
  const read = (of: object, name: string): unknown => (of as Record<string, unknown>)[name];
  return Object.keys(after).flatMap((name) => {
    const [old, now] = [read(before, name), read(after, name)];
    const key = `${path}.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const isSection = typeof now === "object" && now !== null && !Array.isArray(now);
    if (isSection) return changedKeys((old ?? {}) as object, now, key);
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [key];
  });
}
