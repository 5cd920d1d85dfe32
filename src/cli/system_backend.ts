import { join } from "node:path";
import { connectAdmin } from "../admin/mod.ts";
import type { Backend } from "./run.ts";

/** What the store makes in a data folder first of all. */
const DATABASE_FILE = "knot.db";

/** The server and stores of this product. The house is loaded only where a command needs it: `knot version` does not. */
export function systemBackend(): Backend {
  return {
    async startServer(config, options) {
      const app = await import("../app.ts");
      return await app.startServer(config, options);
    },
    admin: {
      async connect(dataDir) {
        const client = await connectAdmin(dataDir);
        return client && { admin: client, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
      },
      hasData: (dataDir) => Deno.stat(join(dataDir, DATABASE_FILE)).then(() => true, () => false),
      async openOffline(config) {
        const app = await import("../app.ts");
        return await app.openOffline(config);
      },
      async checkOffline(config) {
        const app = await import("../app.ts");
        return await app.checkOffline(config);
      },
    },
  };
}
