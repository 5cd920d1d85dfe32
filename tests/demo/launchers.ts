/** What may stand between a person's command and this program: the npm wrapper, its shell, the task runner. */
const LAUNCHER = /^(?:deno|node|MainThread|np[mx]\b.*)$/;

/** npm runs a command through a shell; any other shell is the person's own. */
const SHELL = /^(?:sh|dash|bash)$/;
const NPM = /^np[mx]\b/;

/** A wrapper chain is short; anything longer is not ours. */
const LAUNCHERS_MAX = 8;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** Watches the launchers of this program. Linux only; elsewhere none is ever gone. */
export class Launchers {
  readonly #watched: readonly Process[];

  private constructor(watched: readonly Process[]) {
    this.#watched = watched;
  }

  static async find(): Promise<Launchers> {
    const chain: Process[] = [];
    for (let next = await processOf(Deno.pid); next !== undefined && chain.length < LAUNCHERS_MAX;) {
      const parent = await processOf(next.parent);
      const isNpmShell = SHELL.test(next.name) && NPM.test(parent?.name ?? "");
      if (!LAUNCHER.test(next.name) && !isNpmShell) break;
      chain.push(next);
      next = parent;
    }
    // The last one's parent is the person's shell, which may well go first.
    return new Launchers(chain.slice(0, -1));
  }

  /**
   * True once one has died: `npx` and its shell do not hand signals on, so that `kill` of the command that a person
   * sees would leave the servers behind.
   */
  async anyGone(): Promise<boolean> {
    for (const { pid, parent } of this.#watched) {
      if ((await processOf(pid))?.parent !== parent) return true;
    }
    return false;
  }
}

async function processOf(pid: number): Promise<Process | undefined> {
  // Deno itself opens /proc only to programs that may do everything.
  const output = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`], stderr: "null" }).output()
    .catch(() => undefined);
  // The name stands in brackets and may hold any character.
  const stat = /^\d+ \((.*)\) \S (\d+) /s.exec(new TextDecoder().decode(output?.stdout));
  return stat === null ? undefined : { pid, parent: Number(stat[2]), name: stat[1] };
}
