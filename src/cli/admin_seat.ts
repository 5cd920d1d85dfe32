import type { Command } from "commander";
import type { Admin } from "../admin/mod.ts";
import type { KnotConfig } from "../config/mod.ts";
import { CommandFailure } from "./failure.ts";

/** The operator's place at a server, until it is given back. */
export interface AdminSeat extends AsyncDisposable {
  readonly admin: Admin;
}

/** What a look at a database that no server has open found. */
export interface OfflineCheck {
  readonly faults: readonly string[];
  readonly check?: DatabaseCheck;
}

type DatabaseCheck = Extract<Awaited<ReturnType<Admin["checkDatabase"]>>, { kind: "checked" }>["check"];

/** Ways to the operator's place. */
export interface AdminSeats {
  /** The running server of this data folder; undefined where none runs. */
  readonly connect: (dataDir: string) => Promise<AdminSeat | undefined>;
  /** Whether a server has ever kept data in this folder. */
  readonly hasData: (dataDir: string) => Promise<boolean>;
  /** The store itself, which no other process may have open. */
  readonly openOffline: (config: KnotConfig) => Promise<AdminSeat>;
  /**
   * Looks through the database of a server that does not run, without changing it: `faults` are of the file itself, one
   * line each; `check` is missing where they leave nothing to read.
   */
  readonly checkOffline: (config: KnotConfig) => Promise<OfflineCheck>;
}

/** What an admin command does once it has its place; returns what to tell the operator, a whole sentence. */
export type AdminTask = (admin: Admin) => Promise<string>;

/** Runs a task at the running server of the configured data folder, and at its store where none runs. */
export type AtSeat = (
  command: Command,
  task: AdminTask,
  /** `mayBegin`: a folder without data is begun, not refused. */
  options?: { readonly mayBegin?: boolean },
) => Promise<void>;

/** Runs a task at the running server of the configured data folder. @throws {CommandFailure} where none runs */
export type AtServer = (command: Command, task: AdminTask) => Promise<void>;

/** What was refused, a line for each field: `Cannot create user "ann": email is taken`. */
export function refusedFields(tried: string, fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields).map(([field, why]) => `${tried}: ${field} ${why}`);
}

/** What to say where no server has ever kept data in a folder. */
export function noData(dataDir: string): CommandFailure {
  return new CommandFailure(
    `There is no data in "${dataDir}": name the server's folder with --data-dir, or its file with --config`,
  );
}
