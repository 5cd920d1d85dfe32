import { join } from "node:path";
import { KnotProcess, until } from "../../tests/e2e/mod.ts";
import { inNamespace, launcher, NetworkLab } from "../../tests/e2e/netns/mod.ts";

const SERF = "/usr/bin/serf";
const START_TIMEOUT_MS = 30_000;
/** From the end of an outage until every agent calls every other one alive again. */
const REUNION_TIMEOUT_MS = 60_000;

/** The version of Debian's package, or why there is none. */
export async function serfVersion(): Promise<{ version: string } | { missing: string }> {
  const query = new Deno.Command("dpkg-query", { args: ["-W", "-f", "${Version}", "serf"], stderr: "null" });
  const answer = await query.output().catch(() => undefined);
  if (answer?.success) return { version: new TextDecoder().decode(answer.stdout) };
  return { missing: `needs ${SERF}: install Debian's package serf` };
}

/** Serf agents with their default profile, for local networks, each in a network namespace. */
export class SerfCluster implements AsyncDisposable {
  readonly lab: NetworkLab;
  readonly processes: KnotProcess[] = [];
  readonly #folder: string;

  private constructor(lab: NetworkLab, folder: string) {
    this.lab = lab;
    this.#folder = folder;
  }

  /** Starts `count` agents and waits until all call each other alive. */
  static async start(count: number): Promise<SerfCluster> {
    const cluster = new SerfCluster(await NetworkLab.create(count), await Deno.makeTempDir({ prefix: "knot-serf-" }));
    try {
      for (const index of cluster.lab.places.keys()) await cluster.#spawn(index);
      await cluster.allAlive(START_TIMEOUT_MS);
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #spawn(index: number): Promise<void> {
    const { places } = this.lab;
    const { namespace, address } = places[index];
    const binary = await launcher(join(this.#folder, agentName(index)), namespace, SERF);
    const join_ = index === 0 ? [] : [`-retry-join=${places[0].address}`, "-retry-interval=1s"];
    this.processes.push(
      new KnotProcess(["agent", `-bind=${address}`, `-node=${agentName(index)}`, ...join_], { binary }),
    );
  }

  /** Whether a line of an agent's log says that the agent at `index` has failed. */
  saysFailed(line: string, index: number): boolean {
    return line.includes(`EventMemberFailed: ${agentName(index)} `);
  }

  /** Brings the agent at `index` back at once: by itself it may wait half a minute for its next try. */
  async rejoin(index: number): Promise<void> {
    const other = this.lab.places[(index + 1) % this.lab.places.length];
    await this.#serf(index, ["join", other.address]);
    await this.allAlive(REUNION_TIMEOUT_MS);
  }

  async allAlive(withinMs: number): Promise<void> {
    await until("Every serf agent is alive everywhere", withinMs, async () => {
      for (const index of this.lab.places.keys()) {
        const { members } = JSON.parse(await this.#serf(index, ["members", "-status=alive", "-format=json"]));
        if (members.length < this.lab.places.length) throw new Error(`${agentName(index)} sees ${members.length}`);
      }
      return true;
    });
  }

  async #serf(index: number, args: readonly string[]): Promise<string> {
    const [command, ...rest] = inNamespace(this.lab.places[index].namespace, [SERF, ...args]);
    const { success, stdout, stderr } = await new Deno.Command(command, { args: rest }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (!success) throw new Error(`serf ${args.join(" ")}: ${text(stderr) || text(stdout)}`);
    return text(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.processes) process.signal("SIGKILL");
    await Promise.all(this.processes.map((process) => process.finished));
    await this.lab[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function agentName(index: number): string {
  return `agent-${index + 1}`;
}
