import { ADMIN } from "./cluster.ts";
import { freePorts } from "./free_ports.ts";
import { Server } from "./server.ts";

/** Runs `body` with one server that has its first admin; when it fails, what the server said last is printed. */
export async function withServer(body: (server: Server) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "knot-server-" });
  const server = new Server({ zone: "au", folder, port: freePorts(1)[0] });
  try {
    await server.start();
    await server.api.create("/api/setup", { token: await server.setupToken(), ...ADMIN });
    await server.ready();
    await body(server);
  } catch (error) {
    console.log(server.process.lines.slice(-40).join("\n"));
    throw error;
  } finally {
    await server.kill();
    await Deno.remove(folder, { recursive: true });
  }
}
