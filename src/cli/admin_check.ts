import { Command } from "commander";
import { type AdminSeats, noData, type OfflineCheck } from "./admin_seat.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { readConfig } from "./settings.ts";
import { tableOf } from "./table.ts";

/** Without these a server does not know which one it is. */
const OWN_ROWS = "meta/";

type DatabaseCheck = NonNullable<OfflineCheck["check"]>;

/** `knot admin check`: reads the whole database, changes nothing; exit code 1 where something is wrong with it. */
export function adminCheckCommand(io: Io, seats: AdminSeats): Command {
  const command = new Command("check")
    .description("read the whole database and say what is wrong with it; changes nothing")
    .addHelpText(
      "after",
      "\nEvery row is read and compared with its key. With the server stopped, the file itself is checked as well." +
        "\nExit code 0 where all is well, else 1." +
        "\n\nExamples:\n  knot admin check\n  knot admin check --data-dir /var/lib/knot",
    );
  return command.action(async () => {
    const { config } = readConfig(command, io);
    const { dataDir } = config.server;
    await using seat = await seats.connect(dataDir);
    if (seat === undefined) {
      if (!await seats.hasData(dataDir)) throw noData(dataDir);
      return report(io, await seats.checkOffline(config), { dataDir, running: false });
    }
    const outcome = await seat.admin.checkDatabase();
    if (outcome.kind === "failed") throw new CommandFailure(`Cannot check the database: ${outcome.reason}`);
    report(io, { faults: [], check: outcome.check }, { dataDir, running: true });
  });
}

/** Counts on standard output, problems as failures. @throws {CommandFailure} where there are any */
function report(
  io: Io,
  { faults, check }: OfflineCheck,
  { dataDir, running }: { dataDir: string; running: boolean },
): void {
  if (check !== undefined) io.stdout(countsOf(check));
  const lines = [
    ...faults.map((fault) => `The file is damaged: ${fault}`),
    ...check?.problems.map(({ row, reason }) => `Cannot read row "${row}": ${reason}`) ?? [],
  ];
  const unlisted = (check?.problemCount ?? 0) - (check?.problems.length ?? 0);
  if (unlisted > 0) lines.push(`${unlisted} more rows cannot be read`);
  if (lines.length > 0) throw new CommandFailure([...lines, wayOut(faults, check, dataDir)]);
  const aside = check?.setAsideCount ?? 0;
  if (aside > 0) {
    io.stdout(`${aside} damaged rows were set aside: in a cluster the others sent what they held, alone it is lost.\n`);
  }
  const scope = running ? "The server runs: stop it to have the file itself checked, too.\n" : "";
  io.stdout(`The database in "${dataDir}" is sound.\n${scope}`);
}

function countsOf({ rows, counts }: DatabaseCheck): string {
  const lines = Object.entries(counts).map(([what, count]) => [what, String(count)]);
  return tableOf([["WHAT", "ROWS"], ...lines, ["all", String(rows)]]);
}

/** A server sets single rows aside by itself, but for those that say which server it is; a file that is damaged as a whole gets worse. */
function wayOut(faults: readonly string[], check: DatabaseCheck | undefined, dataDir: string): string {
  if (faults.length === 0 && !check?.problems.some(({ row }) => row.startsWith(OWN_ROWS))) {
    return "The server starts all the same: it sets damaged records aside, and has them sent by the other servers of its " +
      "cluster, where there are any; damaged entries of the audit log are left out";
  }
  return `Put a backup of "${dataDir}" in its place, or start once with "knot server --reseed": it moves the file ` +
    "aside, and the cluster fills this server again";
}
