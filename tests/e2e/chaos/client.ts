import type { Random } from "../../../src/base/mod.ts";
import { type Book, COUNTERS, type Ending, type Entry } from "./book.ts";
import type { CarefulConnection, Outcome } from "./careful_connection.ts";

/** Least and greatest pause between two requests of one client, in milliseconds. */
const PAUSE_MS = { least: 5, more: 40 };
/** Groups that a client goes on changing; the older ones are left as they are, to be found so at the end. */
const CURRENT_MAX = 40;
/** Of a hundred requests so many make a group, and so many delete one; the others change one. */
const CREATE_PERCENT = 25, DELETE_PERCENT = 8;

/** What a client needs of the world. */
export interface ClientWorld {
  /** One to each server, for somebody who may manage groups. */
  readonly servers: readonly CarefulConnection[];
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

async function create(server: CarefulConnection, book: Book, name: string): Promise<Entry> {
  const entry = book.begin(name);
  const { ending, body } = await ask(server, { method: "POST", path: "/api/groups", sent: { name } }, { book, entry });
  book.created(entry, ending, body?.group_id);
  return entry;
}

async function update(server: CarefulConnection, book: Book, entry: Entry, random: Random): Promise<void> {
  const counter = COUNTERS[random.below(COUNTERS.length)];
  const value = entry.acknowledged[counter] + 1;
  const request = { method: "PUT", path: `/api/groups/${entry.id}`, sent: { [counter]: value } };
  const { ending } = await ask(server, request, { book, entry });
  book.updated(entry, ending, counter, value);
}

async function remove(server: CarefulConnection, book: Book, entry: Entry): Promise<void> {
  const { ending } = await ask(server, { method: "DELETE", path: `/api/groups/${entry.id}` }, { book, entry });
  book.deleted(entry, ending);
}

async function ask(
  server: CarefulConnection,
  { method, path, sent }: { method: string; path: string; sent?: Readonly<Record<string, unknown>> },
  { book, entry }: { book: Book; entry: Entry },
): Promise<{ ending: Ending; body?: Readonly<Record<string, string>> }> {
  const began = new Date().toISOString();
  const outcome = await server.request(method, path, sent);
  const ending = endingOf(outcome);
  const request = `${began} ${method} ${server.url}${path} ${JSON.stringify(sent ?? {})}`;
  const answer = outcome.kind === "answered" ? `${outcome.answer.status} ${outcome.answer.body}` : outcome.reason;
  book.remember(entry, `${request}: ${ending} at ${new Date().toISOString()}: ${answer.slice(0, 200)}`);
  const hasBody = ending === "acknowledged" && outcome.kind === "answered" && outcome.answer.body !== "";
  return { ending, body: hasBody ? JSON.parse(outcome.answer.body) : undefined };
}

function endingOf(outcome: Outcome): Ending {
  if (outcome.kind !== "answered") return outcome.kind === "not_sent" ? "refused" : "unanswered";
  const { status } = outcome.answer;
  if (status === 200 || status === 201) return "acknowledged";
  // These promise that nothing was saved; any other failure leaves it open.
  return (status >= 400 && status < 500) || status === 503 || status === 507 ? "refused" : "unanswered";
}
