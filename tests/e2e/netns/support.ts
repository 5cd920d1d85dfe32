import { shell } from "./shell.ts";

const TOOLS = ["ip", "nft"] as const;

/** Every namespace's name begins so, followed by the process that made it. */
const NAME = /^knot-(\d+)-/;

/** The name of a namespace of this process, the only one of its kind on the machine. */
export function namespaceName(lab: number, suffix: string): string {
  return `knot-${Deno.pid}-${lab}-${suffix}`;
}

/** Why this machine has no network namespaces for us, or undefined when it has. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return `needs Linux, this is ${Deno.build.os}`;
  if (Deno.uid() !== 0) return "needs root";
  for (const tool of TOOLS) {
    if (!await succeeds([`command -v ${tool}`])) return `needs the command ${tool}`;
  }
  const probe = namespaceName(0, "probe");
  try {
    // Containers have a root that may make neither namespaces nor filters.
    await shell([`ip netns add ${probe}`, `ip netns exec ${probe} nft add table inet probe`]);
    return undefined;
  } catch (error) {
    return `needs the right to make network namespaces: ${error instanceof Error ? error.message : error}`;
  } finally {
    await succeeds([`ip netns del ${probe}`]);
  }
}

/** Ends and removes what processes that were killed could not clean up themselves. */
export async function removeLeftovers(): Promise<void> {
  const names = (await shell(["ip netns list"])).split("\n").map((line) => line.split(" ")[0]);
  for (const name of names) {
    const maker = NAME.exec(name)?.[1];
    if (maker !== undefined && !await succeeds([`kill -0 ${maker}`])) await removeNamespace(name);
  }
}

/** Ends the processes in a namespace and removes it, with its end of every cable. */
export async function removeNamespace(name: string): Promise<void> {
  await succeeds([`kill -KILL $(ip netns pids ${name})`]);
  await succeeds([`ip netns del ${name}`]);
}

async function succeeds(commands: readonly string[]): Promise<boolean> {
  return await shell(commands).then(() => true, () => false);
}
