import { connectAdmin } from "../admin/mod.ts";
import type { Backend } from "./run.ts";

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
      async openOffline(config) {
        const app = await import("../app.ts");
        return await app.openOffline(config);
      },
    },
  };
}
