import { join } from "node:path";
import { connectAdmin } from "../admin/mod.ts";
import type { Backend } from "./run.ts";

/** What the store makes in a data folder; a database without its first file is damaged, not missing. */
const DATABASE_FILES = ["knot.db", "knot.db-wal"];

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
      hasData: async (dataDir) =>
        (await Promise.all(DATABASE_FILES.map((file) => exists(join(dataDir, file))))).includes(true),
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

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
