import { Cluster, HttpConnection } from "../../tests/e2e/mod.ts";
import { quantile, type Row } from "../membership/row.ts";
import { bareCommitMs } from "./bare_commit.ts";
import type { Effort } from "./effort.ts";

const SERVERS = 5;
const P50_MS_MAX = 5;
const P99_MS_MAX = 25;
/** Writes before the first that counts, a hundred at each server: their code is compiled while it runs. */
const WARM_UP_WRITES = 500;
/** Between two writes, in milliseconds: one at a time is measured, not a queue. */
const APART_MS = 5;
/** From the readers' requests to the write, in milliseconds: until then they have reached all servers, and wait there. */
const READERS_AHEAD_MS = 5;
/** Past this a write is lost, in seconds. */
const PATIENCE_SECONDS = 10;

/**
 * From the request of a write at one of five real servers until the last of the five has answered a reader with it. The readers ask for
 * that one record before it is written, with `?wait`: asking over and over would take the servers' processors from them.
 */
export async function* measureWriteLatency({ quick, signal, progress }: Effort): AsyncGenerator<Row> {
  const writes = quick ? 200 : 1_000;
  await using cluster = await Cluster.start({ servers: SERVERS, transport: "udp", signal });
  const admins = await cluster.signIn();
  await cluster.allAlive(admins);
  const open = () => Promise.all(admins.map(({ url, token }) => HttpConnection.open({ url, token })));
  const [writers, readers] = [await open(), await open()];
  using _ = disposeAll([...writers, ...readers]);
  const acknowledgedMs: number[] = [];
  const everywhereMs: number[] = [];
  const looksMs: number[] = [];
  for (let index = -WARM_UP_WRITES; index < writes; index++) {
    signal.throwIfAborted();
    const measured = await writeAndRead({ writers, readers }, index);
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
    if (index < 0) continue;
    acknowledgedMs.push(measured.acknowledgedMs);
    everywhereMs.push(measured.everywhereMs);
    looksMs.push(await lookMs(readers, measured.path));
    if (index % 100 === 99) progress(`${index + 1} of ${writes} writes`);
  }
  const commit = await bareCommitMs();
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(everywhereMs, share));
  const [acknowledged50, look50] = [acknowledgedMs, looksMs].map((samples) => quantile(samples, 0.5));
  yield {
    what: `a write at one of ${SERVERS} readable at all, p50, p99`,
    must: `≤ ${P50_MS_MAX}, ≤ ${P99_MS_MAX} ms`,
    measured: `${p50.toFixed(1)}, ${p99.toFixed(1)} ms`,
    passed: p50 <= P50_MS_MAX && p99 <= P99_MS_MAX,
    from: `real, udp, ${writes} writes, from the request to the last answer of five readers, who asked for ` +
      `that one record before, with ?wait; the writer's own answer after ` +
      `${acknowledged50.toFixed(1)} ms, one look at all servers takes ${look50.toFixed(1)} ms (p50 each), ` +
      `a bare commit of the store ${commit.p50.toFixed(1)} ms, p99 ${commit.p99.toFixed(1)} ms`,
  };
}

/** Writes at one server, while a reader at each waits for that record. */
async function writeAndRead(
  { writers, readers }: { writers: readonly HttpConnection[]; readers: readonly HttpConnection[] },
  index: number,
) {
  const writer = writers[Math.abs(index) % writers.length];
  const name = index < 0 ? `warm_up_${-index}` : `single_${index}`;
  const path = `/api/templatevars/${name}`;
  const value = `${name}${"x".repeat(100)}`;
  const reading = readers.map((reader) => reader.request("GET", `${path}?wait=${PATIENCE_SECONDS}s`));
  await new Promise((resolve) => setTimeout(resolve, READERS_AHEAD_MS));
  const started = performance.now();
  const answer = await writer.request("POST", "/api/templatevars", { name, value });
  const acknowledgedMs = performance.now() - started;
  if (answer.status !== 201) throw new Error(`Cannot create a variable: answered ${answer.status}: ${answer.body}`);
  for (const { status, body } of await Promise.all(reading)) {
    if (status === 200 && body.includes(value)) continue;
    throw new Error(`${path} was not everywhere within ${PATIENCE_SECONDS} s: a server answers ${status}: ${body}`);
  }
  return { path, acknowledgedMs, everywhereMs: performance.now() - started };
}

/** What looking costs by itself: one look at each server, at one time, for what is there. */
async function lookMs(connections: readonly HttpConnection[], path: string): Promise<number> {
  const started = performance.now();
  await Promise.all(connections.map((connection) => connection.request("GET", path)));
  return performance.now() - started;
}

function disposeAll(disposables: readonly Disposable[]): Disposable {
  return { [Symbol.dispose]: () => disposables.forEach((each) => each[Symbol.dispose]()) };
}
