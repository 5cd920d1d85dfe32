import type { KnotProcess } from "../../tests/e2e/mod.ts";

/** One look at a process. */
interface Look {
  readonly atMs: number;
  readonly residentBytes: number;
  readonly cpuMs: number;
}

/** Ticks of the kernel's clock in a second, as it tells them to programs: USER_HZ, 100 on every Linux. */
const TICKS_A_SECOND = 100;

/** What one process takes over time. Linux only. */
export class ProcessWatch {
  readonly #process: KnotProcess;
  readonly #looks: Look[] = [];

  constructor(process: KnotProcess) {
    this.#process = process;
  }

  async look(): Promise<void> {
    const [residentBytes, cpuMs] = await Promise.all([this.#process.residentBytes(), cpuMsOf(this.#process.pid)]);
    this.#looks.push({ atMs: performance.now(), residentBytes, cpuMs });
  }

  /** The most that was resident between the two times, in bytes: garbage comes and goes, what grows is this. */
  highWaterBytes({ fromMs, toMs }: { fromMs: number; toMs: number }): number {
    const inside = this.#looks.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    return Math.max(...inside.map(({ residentBytes }) => residentBytes));
  }

  /** Share of one core that it took between the first look and the last, 0 to the number of cores. */
  get cores(): number {
    const first = this.#looks[0], last = this.#looks.at(-1)!;
    return (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs);
  }
}

/** Processor time of a process since its start, its threads' together. */
async function cpuMsOf(pid: number): Promise<number> {
  // Deno itself opens /proc only to programs that may do everything.
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`] }).output();
  // The command's name may hold spaces and brackets; the numbers begin behind its last bracket (proc(5)).
  const fields = new TextDecoder().decode(stdout).split(") ").at(-1)!.split(" ");
  const [userTicks, systemTicks] = [fields[11], fields[12]].map(Number);
  return (userTicks + systemTicks) / TICKS_A_SECOND * 1_000;
}
