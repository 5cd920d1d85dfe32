import { Command } from "commander";
import { type ClusterMode, clusterMode, type KnotConfig, loadConfig } from "../config/mod.ts";
import { CommandFailure } from "./failure.ts";
import type { Io } from "./io.ts";
import { flagsOf, printWarnings } from "./settings.ts";

/** `knot validate [FILE]`: says what a server would make of a configuration file. Exit code 2 where it has problems. */
export function validateCommand(io: Io): Command {
  const command = new Command("validate")
    .description("check a configuration file: exit code 0, or 2 and what is wrong")
    .argument("[FILE]", "default: the file that knot server would read")
    .option("-c, --config <FILE>", "the same as FILE")
    .addHelpText(
      "after",
      "\nKNOT_* variables count, as they would for the server.\n\nExample:\n  knot validate /etc/knot/knot.toml",
    );
  return command.action((file: string | undefined) => {
    const { env, cwd, home, readFile } = io;
    const flags = flagsOf(command);
    const loaded = loadConfig({ flags: { ...flags, config: file ?? flags.config }, env, cwd, home, readFile });
    printWarnings(loaded.warnings, io);
    if (loaded.kind === "invalid") throw new CommandFailure(loaded.problems, "usage");
    io.stdout(summary(loaded.config, loaded.file));
  });
}

const MODES: Record<ClusterMode, string> = {
  off: "off",
  host_port: "UDP and TCP",
  websocket: "websocket",
};

function summary(config: KnotConfig, file: string | undefined): string {
  const { zone, listen, dataDir, cluster } = config.server;
  const mode = clusterMode(config);
  const rows = [
    file === undefined ? "No configuration file: defaults and KNOT_* variables are valid." : `${file} is valid.`,
    `  zone     ${zone}`,
    `  listen   ${listen}`,
    `  data     ${dataDir}`,
    `  cluster  ${MODES[mode]}${mode === "off" ? "" : `, ${cluster.advertiseAddr}, ${peers(cluster.peers.length)}`}`,
  ];
  return `${rows.join("\n")}\n`;
}

function peers(count: number): string {
  return count === 1 ? "1 peer" : `${count} peers`;
}
