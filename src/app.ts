import { Hono } from "hono";
import product from "../deno.json" with { type: "json" };
import { type Accounts, createAccounts, createSealer } from "./accounts/mod.ts";
import { type Admin, adminRoutes, localAdmin, serveAdminSocket, SOCKET_FILE } from "./admin/mod.ts";
import { apiRoutes } from "./api/mod.ts";
import { configureLog, logger, seededRandom, systemClock as clock, systemEntropy as entropy } from "./base/mod.ts";
import { clusterMode, type KnotConfig, parseHostPort } from "./config/mod.ts";
import { ClusterNode, type NodeOptions, SealedMessenger } from "./node/mod.ts";
import { openIdentity, openKvStore, type RecordStore } from "./storage/mod.ts";
import { createTemplates } from "./templates/mod.ts";
import {
  hostPortTransport,
  noWebsocketClusterAnswer,
  type Transport,
  type WebsocketTransport,
  websocketTransport,
} from "./transport/mod.ts";
import { uiRoutes } from "./ui/mod.ts";
import {
  ClusterAdmission,
  deriveKeys,
  type KeyRing,
  PACKET_PAYLOAD_BYTES_MAX,
  PROTOCOL_MAX,
  PROTOCOL_MIN,
} from "./wire/mod.ts";

/** Requests under way get so long to finish when the server stops, in milliseconds; all of the stop takes less than 5 s. */
const SHUTDOWN_MS_MAX = 2_500;
const BOOT_ID_BYTES = 8;
const VERSION: string = product.version;

/** A server that runs in this process. */
export interface RunningServer {
  /** Where people reach it. */
  readonly url: string;
  /** Resolves with the exit code when the server has stopped, for whatever reason. */
  readonly finished: Promise<number>;
  /** Stops gracefully; repeated calls wait for the same end. */
  stop(): Promise<void>;
}

/** The operator's place at a store that no server has open. */
export interface OfflineAdmin extends AsyncDisposable {
  readonly admin: Admin;
}

/**
 * Starts a server in this process: store, node, accounts, templates, API, pages, admin socket.
 *
 * @param options `signal` ends an unfinished start
 * @throws {Error} when the store, an address or a file cannot be used; nothing is left running
 */
export async function startServer(config: KnotConfig, options: { signal?: AbortSignal } = {}): Promise<RunningServer> {
  await configureLog({ level: config.log.level, format: config.log.format });
  await using parts = new AsyncDisposableStack();
  const store = parts.use(await openKvStore({ dataDir: config.server.dataDir, log: logger("storage"), clock }));
  const transport = clusterTransport(config);
  const node = await openNode(config, store, transport);
  const { accounts, templates } = services(config, node);
  parts.defer(() => accounts.close());
  options.signal?.throwIfAborted();

  const api = apiRoutes({
    node,
    accounts,
    templates,
    version: VERSION,
    zone: config.server.zone,
    url: config.server.url,
    clock,
    log: logger("api"),
  });
  const ui = uiRoutes({
    node,
    accounts,
    templates,
    version: VERSION,
    zone: config.server.zone,
    config: { url: config.server.url, dataDir: config.server.dataDir },
    clock,
    log: logger("ui"),
  });
  const app = new Hono();
  if (transport !== undefined && "clusterRoute" in transport) app.get("/cluster", transport.clusterRoute);
  else {app.get("/cluster", (c) =>
      c.json(noWebsocketClusterAnswer(transport === undefined ? "none" : "host_port"), 404));}
  app.route("/", api.app);
  app.route("/", ui.app);
  const http = serveHttp(config, app);

  const stopped = Promise.withResolvers<number>();
  let stopping: Promise<void> | undefined;
  const stop = () => stopping ??= stopOnce();
  async function stopOnce(): Promise<void> {
    logger("server").info("Server stops");
    let exitCode = 0;
    try {
      api.close();
      ui.close();
      const drained = http.shutdown();
      await node.stop();
      await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, SHUTDOWN_MS_MAX))]);
      await rest.disposeAsync();
    } catch (error) {
      exitCode = 1;
      logger("server").error("Cannot stop cleanly", { error });
    }
    logger("server").info("Server stopped");
    stopped.resolve(exitCode);
  }

  try {
    await node.start();
    const socket = await serveAdminSocket({
      path: `${config.server.dataDir}/${SOCKET_FILE}`,
      app: adminRoutes({
        node,
        accounts,
        dataDir: config.server.dataDir,
        clock,
        stop: () => void stop(),
        log: logger("admin"),
      }),
      log: logger("admin"),
    });
    parts.use(socket);
    options.signal?.throwIfAborted();
  } catch (error) {
    await Promise.all([node.stop(), http.shutdown()]);
    throw error;
  }
  const rest = parts.move();
  logger("server").info("Server started", {
    version: VERSION,
    url: config.server.url,
    listen: `${http.addr.hostname}:${http.addr.port}`,
    zone: config.server.zone,
    cluster: clusterMode(config),
    dataDir: config.server.dataDir,
  });
  return { url: config.server.url, finished: stopped.promise, stop };
}

/**
 * Opens the data folder of a server that does not run, for administration. What is written spreads when the server is started.
 *
 * @throws {Error} when the store cannot be opened
 */
export async function openOffline(config: KnotConfig): Promise<OfflineAdmin> {
  await configureLog({ level: "warn", format: config.log.format });
  await using parts = new AsyncDisposableStack();
  const store = parts.use(await openKvStore({ dataDir: config.server.dataDir, log: logger("storage"), clock }));
  const node = await openNode(config, store, undefined);
  await node.start();
  parts.defer(() => node.stop());
  const { accounts } = services(config, node);
  parts.defer(() => accounts.close());
  const rest = parts.move();
  return {
    admin: localAdmin({ node, accounts, dataDir: config.server.dataDir, clock }),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

function services(
  config: KnotConfig,
  node: ClusterNode,
): { accounts: Accounts; templates: ReturnType<typeof createTemplates> } {
  const { dataDir, url, encrypt, authIpRateLimiting, totp, zone } = config.server;
  const accounts = createAccounts({
    node,
    clock,
    entropy,
    log: logger("accounts"),
    config: { dataDir, url, encrypt, ipRateLimiting: authIpRateLimiting, totp },
  });
  const templates = createTemplates({ node, clock, entropy, zone, sealer: createSealer(encrypt, entropy) });
  return { accounts, templates };
}

async function openNode(
  config: KnotConfig,
  store: RecordStore,
  transport: Transport | undefined,
): Promise<ClusterNode> {
  const { server } = config;
  const { nodeId } = await openIdentity(store, { entropy, wallMs: clock.wallMs() });
  const bootId = hex(entropy(BOOT_ID_BYTES));
  return await ClusterNode.open({
    nodeId,
    bootId,
    facts: {
      address: server.cluster.advertiseAddr,
      zone: server.zone,
      hostname: server.hostname,
      version: VERSION,
      apiEndpoint: server.url,
      protocolMin: PROTOCOL_MIN,
      protocolMax: PROTOCOL_MAX,
    },
    store,
    clock,
    random: seededRandom(new DataView(entropy(4).buffer).getUint32(0)),
    entropy,
    log: logger("cluster"),
    cluster: transport && clusterOptions(config, { nodeId, bootId, transport }),
  });
}

function clusterOptions(
  { server: { cluster } }: KnotConfig,
  { nodeId, bootId, transport }: { nodeId: string; bootId: string; transport: Transport },
): NodeOptions["cluster"] {
  const keys: KeyRing = [deriveKeys(cluster.key)];
  return {
    peers: cluster.peers,
    packetBytesMax: PACKET_PAYLOAD_BYTES_MAX,
    messenger: (events) =>
      new SealedMessenger({
        nodeId,
        bootId,
        transport,
        keys,
        compression: cluster.compression,
        streamsOnly: cluster.tcpOnly,
        keepConnections: transport.packetBytesMax === 0,
        clock,
        entropy,
        log: logger("cluster"),
      }, events),
  };
}

function clusterTransport(config: KnotConfig): Transport | WebsocketTransport | undefined {
  const { cluster, tls } = config.server;
  const log = logger("transport");
  switch (clusterMode(config)) {
    case "off":
      return undefined;
    case "host_port":
      return hostPortTransport({ advertiseAddr: cluster.advertiseAddr, bindAddr: cluster.bindAddr, clock, log });
    case "websocket": {
      return websocketTransport({
        advertiseAddr: cluster.advertiseAddr,
        admission: new ClusterAdmission({ keys: [deriveKeys(cluster.key)], entropy, now: () => clock.monotonicMs() }),
        caCerts: tls.caFile === "" ? [] : [Deno.readTextFileSync(tls.caFile)],
        skipVerify: tls.skipVerify,
        clock,
        log,
      });
    }
  }
}

function serveHttp(config: KnotConfig, app: Hono): Deno.HttpServer<Deno.NetAddr> {
  const { listen, tls } = config.server;
  const { host, port } = parseHostPort(listen)!; // Checked when the configuration was read.
  const onListen = () => {}; // The start is logged when everything is up.
  const address = { hostname: host === "" ? "0.0.0.0" : host, port, onListen };
  const handler: Deno.ServeHandler<Deno.NetAddr> = (request, info) => app.fetch(request, info);
  if (tls.certFile === "") return Deno.serve(address, handler);
  const [cert, key] = [Deno.readTextFileSync(tls.certFile), Deno.readTextFileSync(tls.keyFile)];
  return Deno.serve({ ...address, cert, key }, handler);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
