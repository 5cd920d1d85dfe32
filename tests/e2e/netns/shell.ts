/**
 * Runs `commands`, one a line, in one shell that stops at the first one that fails; answers with what they print.
 *
 * @throws {Error} with the commands' complaint
 */
export async function shell(commands: readonly string[]): Promise<string> {
  const command = new Deno.Command("sh", { args: ["-euc", commands.join("\n")], stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) throw new Error(`Cannot run "${commands.join("; ").slice(0, 500)}": ${text(stderr)}`);
  return text(stdout);
}
