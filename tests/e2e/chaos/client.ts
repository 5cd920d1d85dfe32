import type { Random } from "../../../src/base/mod.ts";
import type { ApiClient } from "../api_client.ts";
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
  const { ending, body } = await ask(server, { method: "POST", path: "/api/groups", sent: { name } }, { book, entry });
  book.created(entry, ending, body?.group_id);
  return entry;
}

async function update(server: ApiClient, book: Book, entry: Entry, random: Random): Promise<void> {
  const counter = COUNTERS[random.below(COUNTERS.length)];
  const value = entry.acknowledged[counter] + 1;
  const request = { method: "PUT", path: `/api/groups/${entry.id}`, sent: { [counter]: value } };
  const { ending } = await ask(server, request, { book, entry });
  book.updated(entry, ending, counter, value);
}

async function remove(server: ApiClient, book: Book, entry: Entry): Promise<void> {
  const { ending } = await ask(server, { method: "DELETE", path: `/api/groups/${entry.id}` }, { book, entry });
  book.deleted(entry, ending);
}

async function ask(
  server: ApiClient,
  { method, path, sent }: { method: string; path: string; sent?: Readonly<Record<string, unknown>> },
  { book, entry }: { book: Book; entry: Entry },
): Promise<{ ending: Ending; body?: Readonly<Record<string, string>> }> {
  const began = new Date().toISOString();
  const noted = (ending: Ending, answer: unknown) => {
    const request = `${began} ${method} ${server.url} ${JSON.stringify(sent ?? {})}`;
    book.remember(entry, `${request}: ${ending} at ${new Date().toISOString()}: ${String(answer).slice(0, 200)}`);
  };
  try {
    const { status, body } = await server.request(method, path, sent);
    const ending = endingOf(status);
    noted(ending, `${status} ${JSON.stringify(body)}`);
    return { ending, body };
  } catch (error) {
    // Killed, stopped, or too slow: who knows what it did. A server that nobody could connect to did nothing.
    const cause = error instanceof Error ? String(error.cause ?? error) : String(error);
    const ending = cause.includes(NOT_CONNECTED) ? "refused" : "unanswered";
    noted(ending, cause);
    return { ending };
  }
}

function endingOf(status: number): Ending {
  if (status === 200 || status === 201) return "acknowledged";
  // These promise that nothing was saved; any other failure leaves it open.
  return (status >= 400 && status < 500) || status === 503 || status === 507 ? "refused" : "unanswered";
}
