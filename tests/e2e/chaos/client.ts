import type { Random } from "../../../src/base/mod.ts";
import type { ApiAnswer, ApiClient } from "../api_client.ts";
import { type Book, COUNTERS, type Ending, type Entry } from "./book.ts";

/** Least and greatest pause between two requests of one client, in milliseconds. */
const PAUSE_MS = { least: 5, more: 40 };
/** Groups that a client goes on changing; the older ones are left as they are, to be found so at the end. */
const CURRENT_MAX = 40;
/** Of a hundred requests so many make a group, and so many delete one; the others change one. */
const CREATE_PERCENT = 25, DELETE_PERCENT = 8;

/** How the runtime's client words that it never came to send its request. */
const NOT_CONNECTED = "client error (Connect)";

/** What a client needs of the world. */
export interface ClientWorld {
  /** Each server, for somebody who may manage groups and does not wait for long. */
  readonly servers: readonly ApiClient[];
  readonly book: Book;
  readonly random: Random;
  /** Resolves when clients may write, at once unless they were told to wait. */
  mayWrite(): Promise<void>;
}

/**
 * Makes, changes and deletes groups of its own at one server after the other, as chance will have it, and notes how each
 * request ended. It does one thing at a time: of two writes to a group the second was begun after the first had ended.
 */
export async function runClient(name: string, world: ClientWorld, signal: AbortSignal): Promise<void> {
  const { random } = world;
  const current: Entry[] = [];
  for (let made = 0; !signal.aborted;) {
    await world.mayWrite();
    const server = world.servers[random.below(world.servers.length)];
    const draw = random.below(100);
    const entry = current.length === 0 ? undefined : current[random.below(current.length)];
    if (entry === undefined || draw < CREATE_PERCENT) {
      const fresh = await create(server, world.book, `${name}_${made++}`);
      if (fresh.created === "acknowledged") current.push(fresh);
      if (current.length > CURRENT_MAX) current.shift();
    } else {
      if (draw < CREATE_PERCENT + DELETE_PERCENT) await remove(server, world.book, entry);
      else await update(server, world.book, entry, random);
      // What is not known for sure stays as it is: a late write of ours must not be taken for a lost one.
      if (entry.deleted !== undefined || entry.unanswered !== undefined) current.splice(current.indexOf(entry), 1);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS.least + random.below(PAUSE_MS.more)));
  }
}

async function create(server: ApiClient, book: Book, name: string): Promise<Entry> {
  const entry = book.begin(name);
  const { ending, answer } = await ask(() => server.request("POST", "/api/groups", { name }));
  book.created(entry, ending, answer?.body?.group_id);
  return entry;
}

async function update(server: ApiClient, book: Book, entry: Entry, random: Random): Promise<void> {
  const counter = COUNTERS[random.below(COUNTERS.length)];
  const value = entry.acknowledged[counter] + 1;
  const { ending } = await ask(() => server.request("PUT", `/api/groups/${entry.id}`, { [counter]: value }));
  book.updated(entry, ending, counter, value);
}

async function remove(server: ApiClient, book: Book, entry: Entry): Promise<void> {
  const { ending } = await ask(() => server.request("DELETE", `/api/groups/${entry.id}`));
  book.deleted(entry, ending);
}

async function ask(request: () => Promise<ApiAnswer>): Promise<{ ending: Ending; answer?: ApiAnswer }> {
  try {
    const answer = await request();
    return { ending: endingOf(answer.status), answer };
  } catch (error) {
    // Killed, stopped, or too slow: who knows what it did. A server that nobody could connect to did nothing.
    const wasSent = !(error instanceof Error && String(error.cause).includes(NOT_CONNECTED));
    return { ending: wasSent ? "unanswered" : "refused" };
  }
}

function endingOf(status: number): Ending {
  if (status === 200 || status === 201) return "acknowledged";
  // These promise that nothing was saved; any other failure leaves it open.
  return (status >= 400 && status < 500) || status === 503 || status === 507 ? "refused" : "unanswered";
}
