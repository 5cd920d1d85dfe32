import { type Random, seededRandom } from "../../src/base/mod.ts";
import { HttpConnection, randomText } from "../../tests/e2e/mod.ts";

/** Connections to each server: enough that one slow answer holds up nobody. */
const CONNECTIONS_A_SERVER = 8;
/** Updates are due in portions, one every so many milliseconds. */
const TICK_MS = 10;
/** Due updates that wait for a free connection: what comes on top is left out, and counted as such. */
const BACKLOG_MAX = 2_000;
/** Updates whose way is followed: one every so many milliseconds. */
const SAMPLE_MS = 100;
/** Between two looks of the follower, in milliseconds. */
const LOOK_MS = 1;
/** Past this an update that is not seen may have been written over meanwhile, in milliseconds. */
const OVERWRITTEN_MS = 1_000;
/** Past this it is lost. */
const LOST_MS = 30_000;
const VALUE_CHARACTERS = 240;

/** Where to write what. */
export interface LoadOptions {
  readonly servers: ReadonlyArray<{ readonly url: string; readonly token?: string }>;
  /** Paths of the records. */
  readonly paths: readonly string[];
  /** Updates a second over all servers. */
  readonly rate: number;
}

/** Updates of random records at all servers, at a steady rate, and how soon some of them are seen elsewhere. */
export class UpdateLoad implements Disposable {
  /** Updates that were acknowledged. */
  acknowledged = 0;
  /** Updates that were answered otherwise. */
  refused = 0;
  /** Updates that were due and never asked for: the servers, or this process, were too slow. */
  omitted = 0;
  /** From the request of a followed update until another server showed it, in milliseconds. */
  readonly lagsMs: number[] = [];
  /** From the request of an update until its acknowledgement, for the followed ones, in milliseconds. */
  readonly acknowledgedMs: number[] = [];
  readonly #options: LoadOptions;
  readonly #random: Random = seededRandom(1);
  readonly #idle: HttpConnection[] = [];
  readonly #all: HttpConnection[] = [];
  /** Two for each server, for the followed updates and for looking. */
  readonly #followers: Array<{ readonly writer: HttpConnection; readonly reader: HttpConnection }> = [];
  #failure: unknown;
  #backlog = 0;

  private constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Opens all connections. */
  static async open(options: LoadOptions): Promise<UpdateLoad> {
    const load = new UpdateLoad(options);
    for (let round = 0; round < CONNECTIONS_A_SERVER; round++) {
      for (const server of options.servers) load.#idle.push(await load.#connect(server));
    }
    for (const server of options.servers) {
      load.#followers.push({ writer: await load.#connect(server), reader: await load.#connect(server) });
    }
    return load;
  }

  /** Writes until `untilMs`, on the clock of `performance.now()`. @throws when a connection breaks, or a followed update is lost */
  async run(untilMs: number, signal: AbortSignal): Promise<void> {
    const following = this.#follow(untilMs, signal);
    following.catch((error) => this.#failure = error);
    const startedMs = performance.now();
    let due = 0;
    while (performance.now() < untilMs) {
      signal.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure;
      const owed = Math.floor((performance.now() - startedMs) / 1_000 * this.#options.rate) - due;
      due += owed;
      this.#backlog += owed;
      if (this.#backlog > BACKLOG_MAX) {
        this.omitted += this.#backlog - BACKLOG_MAX;
        this.#backlog = BACKLOG_MAX;
      }
      this.#spread();
      await pause(TICK_MS);
    }
    await following;
  }

  [Symbol.dispose](): void {
    for (const connection of this.#all) connection[Symbol.dispose]();
  }

  async #connect(server: { url: string; token?: string }): Promise<HttpConnection> {
    const connection = await HttpConnection.open(server);
    this.#all.push(connection);
    return connection;
  }

  /** Gives what is due to connections that are free, the one that has been so longest first. */
  #spread(): void {
    while (this.#backlog > 0) {
      const connection = this.#idle.shift();
      if (connection === undefined) return;
      this.#backlog--;
      this.#update(connection, this.#path(), this.#text()).then(
        () => {
          this.#idle.push(connection);
          this.#spread();
        },
        (error) => this.#failure = error,
      );
    }
  }

  async #update(connection: HttpConnection, path: string, value: string): Promise<void> {
    const { status } = await connection.request("PUT", path, { value });
    if (status === 200) this.acknowledged++;
    else this.refused++;
  }

  /** One update after the other is followed to a server that it was not written at. */
  async #follow(untilMs: number, signal: AbortSignal): Promise<void> {
    for (let index = 0; performance.now() < untilMs - SAMPLE_MS; index++) {
      const from = index % this.#followers.length;
      const others = this.#followers.filter((_, at) => at !== from);
      const { reader } = others[this.#random.below(others.length)];
      await this.#followOne(this.#followers[from].writer, reader, signal);
      await pause(SAMPLE_MS);
    }
  }

  async #followOne(writer: HttpConnection, reader: HttpConnection, signal: AbortSignal): Promise<void> {
    const path = this.#path(), value = this.#text();
    const started = performance.now();
    await this.#update(writer, path, value);
    this.acknowledgedMs.push(performance.now() - started);
    for (;;) {
      const { body } = await reader.request("GET", path);
      const elapsedMs = performance.now() - started;
      if (body.includes(value)) return void this.lagsMs.push(elapsedMs);
      if (elapsedMs > OVERWRITTEN_MS) {
        // Another update of the same record may have come in between; that is no loss, and no sample.
        if (!(await writer.request("GET", path)).body.includes(value)) return;
        if (elapsedMs > LOST_MS) throw new Error(`An update of ${path} was not seen elsewhere within ${LOST_MS} ms`);
      }
      signal.throwIfAborted();
      await pause(LOOK_MS);
    }
  }

  #path(): string {
    return this.#options.paths[this.#random.below(this.#options.paths.length)];
  }

  #text(): string {
    return randomText(VALUE_CHARACTERS, () => this.#random.below(64));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
