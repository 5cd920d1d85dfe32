import { Hono } from "hono";
import product from "../deno.json" with { type: "json" };
import { audited, createAccounts, createSealer } from "./accounts/mod.ts";
import { type Admin, adminRoutes, localAdmin, serveAdminSocket, SOCKET_FILE } from "./admin/mod.ts";
import { apiRoutes } from "./api/mod.ts";
import { configureLog, logger, seededRandom, systemClock as clock, systemEntropy as entropy } from "./base/mod.ts";
import { clusterMode, type KnotConfig, parseHostPort } from "./config/mod.ts";
import {
  AuditRows,
  checkDatabase,
  ClusterNode,
  type DatabaseCheck,
  forgetFormer,
  type FreshStart,
  type NodeOptions,
  openNodeId,
  otherPeers,
  SealedMessenger,
  setLocalDataAside,
} from "./node/mod.ts";
import { checkDatabaseFile, DATABASE_FILE, openKvStore, type RecordStore } from "./storage/mod.ts";
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
/** Pause before the web server listens again after it could not accept any more, in milliseconds. */
const RELISTEN_MS = 1_000;
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
 * @param options `signal` ends an unfinished start; `fresh`: the local data are set aside before it
 * @throws {Error} when the store, an address or a file cannot be used; nothing is left running
 */
export async function startServer(
  config: KnotConfig,
  options: { signal?: AbortSignal; fresh?: FreshStart } = {},
): Promise<RunningServer> {
  await configureLog({ level: config.log.level, format: config.log.format });
  const log = logger("server");
  const { dataDir, zone } = config.server;
  const exit = Promise.withResolvers<number>();
  const onExpelled = (reason: string) => {
    log.error(reason);
    exit.resolve(1);
  };
  await using parts = new AsyncDisposableStack();
  const former = options.fresh && await setAside(config, options.fresh);
  const store = parts.use(await openKvStore({ dataDir, log: logger("storage"), clock }));
  const web = serveWeb(config);
  parts.defer(() => web.shutdown());
  const url = config.server.url.replace(/:0$/, `:${web.port}`);
  const transport = clusterTransport(config);
  const node = await openNode(config, { store, transport, url, onExpelled });
  web.serve(starting(transport)); // Peers are heard from the moment that we call them.
  await node.start();
  parts.defer(() => node.stop());
  if (former?.formerNodeId !== undefined) {
    parts.defer(forgetFormer({ node, formerNodeId: former.formerNodeId, log: logger("cluster") }));
  }
  const { accounts, templates } = services(config, { node, url, store });
  parts.defer(() => accounts.close());

  const common = { node, accounts, templates, version: VERSION, zone, clock };
  const api = apiRoutes({ ...common, url, log: logger("api") });
  parts.defer(() => api.close());
  const ui = uiRoutes({ ...common, config: { url, dataDir }, log: logger("ui") });
  parts.defer(() => ui.close());
  web.serve(clusterRoute(transport).route("/", api.app).route("/", ui.app));

  parts.use(
    await serveAdminSocket({
      path: `${dataDir}/${SOCKET_FILE}`,
      app: adminRoutes({
        node,
        accounts,
        dataDir,
        clock,
        check: () => checkDatabase(store),
        stop: () => exit.resolve(0),
        cluster: transport && {
          forget: (id) => node.forget(id),
          lostEdits: () => node.lostEdits(),
          leave: () => void node.stop({ forGood: true }).then(() => exit.resolve(0), exit.reject),
        },
        log: logger("admin"),
      }),
      log: logger("admin"),
    }),
  );
  options.signal?.throwIfAborted();
  const finished = stopWhenAsked(exit.promise, parts.move());
  log.info("Server started", { version: VERSION, url, port: web.port, zone, cluster: clusterMode(config), dataDir });
  return {
    url,
    finished,
    async stop() {
      exit.resolve(0);
      await finished;
    },
  };
}

async function setAside({ server: { dataDir, cluster } }: KnotConfig, how: FreshStart) {
  const peers = cluster.advertiseAddr === "" ? [] : otherPeers(cluster.peers, cluster.advertiseAddr);
  return await setLocalDataAside({ how, dataDir, peers, clock, log: logger("storage") });
}

/** Waits for the exit code, then stops all parts in the reverse order of their start: the store goes last. */
async function stopWhenAsked(exit: Promise<number>, parts: AsyncDisposableStack): Promise<number> {
  const log = logger("server");
  try {
    const exitCode = await exit;
    log.info("Server stops");
    await parts.disposeAsync();
    log.info("Server stopped");
    return exitCode;
  } catch (error) {
    log.error("Cannot stop cleanly", { error });
    return 1;
  }
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
  const { url } = config.server;
  const node = await openNode(config, { store, transport: undefined, url });
  await node.start();
  parts.defer(() => node.stop());
  const { accounts } = services(config, { node, url, store });
  parts.defer(() => accounts.close());
  const rest = parts.move();
  return {
    admin: localAdmin({
      node,
      accounts,
      dataDir: config.server.dataDir,
      clock,
      check: () => checkDatabase(store),
    }),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/**
 * Looks through the database of a server that does not run, file and rows, and changes nothing.
 *
 * @returns `faults` of the file; `check` of the rows, unless the faults leave nothing to read
 * @throws {Error} when the file cannot be read at all
 */
export async function checkOffline(config: KnotConfig): Promise<{ faults: string[]; check?: DatabaseCheck }> {
  const { dataDir } = config.server;
  await configureLog({ level: "warn", format: config.log.format });
  await using store = await openKvStore({ dataDir, readOnly: true, log: logger("storage"), clock });
  const faults = checkDatabaseFile(`${dataDir}/${DATABASE_FILE}`);
  try {
    return { faults, check: await checkDatabase(store) };
  } catch (error) {
    return { faults: [...faults, (error as Error).message] };
  }
}

function services(config: KnotConfig, { node, url, store }: { node: ClusterNode; url: string; store: RecordStore }) {
  const { dataDir, encrypt, authIpRateLimiting, totp, zone, timezone, auditRetentionDays } = config.server;
  const accounts = createAccounts({
    node,
    clock,
    entropy,
    log: logger("accounts"),
    config: { dataDir, url, encrypt, timezone, ipRateLimiting: authIpRateLimiting, totp },
    audit: { store: new AuditRows(store), zone, retentionDays: auditRetentionDays },
  });
  const { templates, variables } = createTemplates({
    node,
    clock,
    entropy,
    zone,
    sealer: createSealer(encrypt, entropy),
  });
  const { audit } = accounts;
  return {
    accounts,
    templates: {
      templates: audited(templates, audit, { what: "Template", read: (viewer, id) => templates.get(viewer, id) }),
      variables: audited(variables, audit, {
        what: "Variable",
        read: (viewer, id) => variables.get(viewer, id),
        secrets: ["value"],
      }),
    },
  };
}

async function openNode(
  { server }: KnotConfig,
  { store, transport, url, onExpelled }: {
    store: RecordStore;
    transport: Transport | undefined;
    url: string;
    onExpelled?: (reason: string) => void;
  },
): Promise<ClusterNode> {
  const nodeId = await openNodeId(store, { entropy, wallMs: clock.wallMs() });
  const bootId = hex(entropy(BOOT_ID_BYTES));
  return await ClusterNode.open({
    nodeId,
    bootId,
    facts: {
      address: server.cluster.advertiseAddr,
      zone: server.zone,
      hostname: server.hostname,
      version: VERSION,
      apiEndpoint: url,
      protocolMin: PROTOCOL_MIN,
      protocolMax: PROTOCOL_MAX,
    },
    store,
    clock,
    random: seededRandom(new DataView(entropy(4).buffer).getUint32(0)),
    entropy,
    log: logger("cluster"),
    onExpelled,
    cluster: transport && clusterOptions(server.cluster, { nodeId, bootId, transport }),
  });
}

function clusterOptions(
  cluster: KnotConfig["server"]["cluster"],
  { nodeId, bootId, transport }: { nodeId: string; bootId: string; transport: Transport },
): NodeOptions["cluster"] {
  const keys: KeyRing = [deriveKeys(cluster.key)];
  return {
    peers: cluster.peers,
    packetBytesMax: PACKET_PAYLOAD_BYTES_MAX,
    hasDatagrams: transport.packetBytesMax > 0 && !cluster.tcpOnly,
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

/** Where websocket peers come in; peers of the other transport are told so. */
function clusterRoute(transport: Transport | WebsocketTransport | undefined): Hono {
  if (transport !== undefined && "clusterRoute" in transport) return new Hono().get("/cluster", transport.clusterRoute);
  return new Hono().get("/cluster", (c) => c.json(noWebsocketClusterAnswer(transport ? "host_port" : "none"), 404));
}

/** What answers until everything is up. */
function starting(transport: Transport | undefined): Hono {
  return clusterRoute(transport).all(
    "*",
    (c) => c.json({ error: "The server is starting" }, 503, { "Retry-After": "1" }),
  );
}

/** The web server. It has its port from the first moment, so that a port in use is known before anything else is told. */
interface Web {
  readonly port: number;
  /** Answers with `app` from now on; before, every request is asked to come again. */
  serve(app: Hono): void;
  shutdown(): Promise<void>;
}

function serveWeb({ server: { listen, tls } }: KnotConfig): Web {
  const { host, port } = parseHostPort(listen)!; // Checked when the configuration was read.
  const log = logger("server");
  const options = {
    hostname: host === "" ? "0.0.0.0" : host,
    onListen: () => {}, // The start is logged when everything is up.
    ...(tls.certFile === ""
      ? {}
      : { cert: Deno.readTextFileSync(tls.certFile), key: Deno.readTextFileSync(tls.keyFile) }),
  };
  let app = starting(undefined);
  let stopping = false;
  const listenOn = (port: number) => Deno.serve({ ...options, port }, (request, info) => app.fetch(request, info));
  let http: Deno.HttpServer<Deno.NetAddr>;
  try {
    http = listenOn(port);
  } catch (error) {
    const why = error instanceof Deno.errors.AddrInUse
      ? "another program uses this port; stop it, or choose another one"
      : (error as Error).message;
    throw new Error(`Cannot listen on "${listen}" (server.listen): ${why}`, { cause: error });
  }
  const bound = http.addr.port;
  /** The runtime gives up accepting when it runs out of open files; a server must not stay deaf when that is over. */
  const watch = (): void =>
    void http.finished.catch((error) => {
      if (stopping) return;
      log.error("The web server stopped accepting and begins anew", { reason: (error as Error).message });
      clock.after(RELISTEN_MS, relisten);
    });
  const relisten = (): void => {
    if (stopping) return;
    try {
      http = listenOn(bound);
      watch();
    } catch {
      clock.after(RELISTEN_MS, relisten);
    }
  };
  watch();
  return {
    port: bound,
    serve(ready) {
      app = ready;
    },
    async shutdown() {
      stopping = true;
      const { promise: patience, resolve: lose } = Promise.withResolvers<void>();
      const cancel = clock.after(SHUTDOWN_MS_MAX, lose);
      await Promise.race([http.shutdown().catch(() => {}), patience]);
      cancel();
    },
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
