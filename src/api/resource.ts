import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { CreateOutcome, DeleteOutcome, Principal, UpdateOptions, UpdateOutcome } from "../accounts/mod.ts";
import type { WriteOptions } from "../node/mod.ts";
import { answer, answerCreated, answerDone } from "./answer.ts";
import { ApiError } from "./api_error.ts";
import { readBody } from "./body.ts";
import { contestedFields } from "./contested.ts";
import {
  answerVersioned,
  etag,
  type Fields,
  fieldsOf,
  ifMatchBase,
  rememberServed,
  type Versioned,
} from "./conditional.ts";
import type { AwaitedRecords } from "./awaited_records.ts";
import type { SignedIn } from "./parts.ts";
import { refusalError } from "./refusal_error.ts";
import type { ServedVersions } from "./served_versions.ts";
import { readWaitMs, writeOptions } from "./write_options.ts";

/** A change with `If-Match` meets others of the same record at the same moment so often; each time one of them was made. */
const CHANGE_TRIES_MAX = 20;

/** What all resources have in common. */
export interface SharedByResources {
  readonly served: ServedVersions;
  readonly awaited: AwaitedRecords;
}

/** One kind of record behind the five usual routes. Handlers only translate; the service decides. */
export interface Resource<T extends Versioned & object> extends SharedByResources {
  /** In the words of an error: "group". */
  readonly what: string;
  /** Name of the id in the answer to a creation: `group_id`. */
  readonly idName: string;
  readonly access: {
    readonly list: MiddlewareHandler<SignedIn>;
    readonly read: MiddlewareHandler<SignedIn>;
    readonly create: MiddlewareHandler<SignedIn>;
    readonly change: MiddlewareHandler<SignedIn>;
    readonly delete: MiddlewareHandler<SignedIn>;
  };
  /** Body of the list's answer. */
  list(principal: Principal, query: (name: string) => string | undefined): unknown;
  idOf(record: T): string;
  get(principal: Principal, id: string): T | undefined;
  /** Body of one record's answer. */
  body(record: T, principal: Principal): unknown;
  create(principal: Principal, input: unknown, write?: WriteOptions): Promise<CreateOutcome>;
  update(principal: Principal, id: string, input: unknown, options: UpdateOptions): Promise<UpdateOutcome>;
  delete(principal: Principal, id: string, write?: WriteOptions): Promise<DeleteOutcome>;
}

/** GET and POST on the collection, GET, PUT and DELETE on one, by id or name. */
export function resourceRoutes<T extends Versioned & object>(resource: Resource<T>): Hono<SignedIn> {
  const { what, idName, served, awaited, access } = resource;
  const keyOf = (record: T) => `${what}:${resource.idOf(record)}`;
  const missing = () => new ApiError(404, `No ${what} has this id or name`);
  const found = (principal: Principal, id: string): T => {
    const record = resource.get(principal, id);
    if (!record) throw missing();
    return record;
  };
  const routes = new Hono<SignedIn>();

  routes.get("/", access.list, (c) => answer(c, resource.list(c.var.principal, (name) => c.req.query(name))));

  routes.post("/", access.create, async (c) => {
    const write = writeOptions(c);
    const outcome = await resource.create(c.var.principal, await readBody(c), write);
    if (outcome.kind !== "created") throw refusalError(outcome, what);
    return answerCreated(c, idName, outcome);
  });

  routes.get("/:id", access.read, async (c) => {
    const id = c.req.param("id");
    let record = resource.get(c.var.principal, id);
    const waitMs = readWaitMs(c);
    if (record === undefined && waitMs > 0) {
      await awaited.wait(() => resource.get(c.var.principal, id), { waitMs, signal: c.req.raw.signal });
      await access.read(c, () => Promise.resolve()); // Rights may be gone since.
      record = resource.get(c.var.principal, id);
    }
    if (record === undefined) throw missing();
    return answerVersioned(c, { served, key: keyOf(record), record, body: resource.body(record, c.var.principal) });
  });

  /** With `If-Match` a change is made only while the record is at the very version that was looked at; else it is looked at again. */
  const change = async (
    c: Context<SignedIn>,
    { id, input, write, tries = 1 }: { id: string; input: unknown; write?: WriteOptions; tries?: number },
  ): Promise<UpdateOutcome> => {
    const record = found(c.var.principal, id);
    const base = ifMatchBase(c, { served, key: keyOf(record), current: record });
    refuseContested({ base, current: fieldsOf(record), sent: input, what });
    const version = base && record.version;
    const outcome = await resource.update(c.var.principal, resource.idOf(record), input, { base, version, write });
    const looksAgain = outcome.kind === "changed" && tries < CHANGE_TRIES_MAX;
    return looksAgain ? await change(c, { id, input, write, tries: tries + 1 }) : outcome;
  };

  routes.put("/:id", access.change, async (c) => {
    const write = writeOptions(c);
    const input = await readBody(c);
    const { id } = c.req.param();
    const outcome = await change(c, { id, input, write });
    if (outcome.kind !== "updated") throw refusalError(outcome, what);
    const { version } = outcome;
    if (version !== undefined) c.header("ETag", etag(version));
    const after = resource.get(c.var.principal, id);
    if (after !== undefined && after.version === version) rememberServed({ served, key: keyOf(after), record: after });
    return answerDone(c, outcome);
  });

  routes.delete("/:id", access.delete, async (c) => {
    const record = found(c.var.principal, c.req.param("id"));
    const outcome = await resource.delete(c.var.principal, resource.idOf(record), writeOptions(c));
    if (outcome.kind !== "deleted") throw refusalError(outcome, what);
    return answerDone(c, outcome);
  });

  return routes;
}

/** A client that sent `If-Match` asked not to write over what it has not seen (RFC 9110 §13.1.1). */
function refuseContested(
  { base, current, sent, what }: { base: Fields | undefined; current: Fields; sent: unknown; what: string },
): void {
  if (base === undefined || typeof sent !== "object" || sent === null) return;
  const contested = contestedFields({ base, current, sent: sent as Fields });
  if (contested.length === 0) return;
  throw new ApiError(
    412,
    `Somebody else changed this ${what} since you read it: read it again, and repeat the change`,
    {
      fields: Object.fromEntries(contested.map((name) => [name, "was changed by somebody else"])),
    },
  );
}
