import { join } from "node:path";
import { z } from "zod";
import type { NodeStatus } from "../node/mod.ts";
import {
  type Admin,
  AdminError,
  type CheckOutcome,
  type CreateUserOutcome,
  type ForgetMemberOutcome,
  type LeaveClusterOutcome,
  LostEditsOutcome,
  type Opinions,
  type ResetTotpOutcome,
  type SetPasswordOutcome,
} from "./admin.ts";
import { findSocketPaths, SOCKET_FILE } from "./socket_path.ts";

/** A server that is there answers at once; one that does not is stopped or stuck. */
const PING_MS_MAX = 3_000;
/** Reading a million rows takes some ten seconds. */
const CHECK_MS_MAX = 600_000;
/** A password takes half a second to hash, a commit as long as the disk; nobody waits longer than this. */
const ANSWER_MS_MAX = 30_000;

/** Administration of a server in another process. */
export interface AdminClient extends Admin, AsyncDisposable {
  /** The server's process. */
  readonly pid: number;
  /** Asks the server to stop gracefully; resolves when it has begun. */
  stop(): Promise<void>;
}

const Fields = z.record(z.string(), z.string());
const FailedAnswer = z.object({ kind: z.literal("failed"), reason: z.string() });
const InvalidAnswer = z.object({ kind: z.literal("invalid"), fields: Fields });
const CreateUserAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("created"), userId: z.string(), admin: z.boolean(), setUp: z.boolean() }),
  z.object({ kind: z.literal("name_taken"), fields: Fields }),
  z.object({ kind: z.literal("joining") }),
  InvalidAnswer,
  FailedAnswer,
]);
const SetPasswordAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("updated"), username: z.string() }),
  z.object({ kind: z.literal("not_found") }),
  InvalidAnswer,
  FailedAnswer,
]);
const ResetTotpAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("updated"), username: z.string() }),
  z.object({ kind: z.literal("not_found") }),
  FailedAnswer,
]);
const ForgetAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("forgotten"), nodeId: z.string(), address: z.string(), spared: z.number() }),
  z.object({ kind: z.literal("not_found") }),
  z.object({ kind: z.literal("ambiguous"), nodeIds: z.array(z.string()) }),
  z.object({ kind: z.literal("alive") }),
  FailedAnswer,
]);
const LostEditsAnswer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("listed"),
    edits: z.array(z.object({
      kind: z.string(),
      id: z.string(),
      name: z.string(),
      fields: z.array(z.string()),
      editedAtMs: z.number(),
      foundAtMs: z.number(),
    })),
  }),
  FailedAnswer,
]);
const LeaveAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("leaving"), nodeId: z.string(), reached: z.number(), others: z.number() }),
  FailedAnswer,
]);
const CheckAnswer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("checked"),
    check: z.object({
      rows: z.number(),
      counts: z.record(z.string(), z.number()),
      setAsideCount: z.number(),
      problemCount: z.number(),
      problems: z.array(z.object({ row: z.string(), reason: z.string() })),
    }),
  }),
  FailedAnswer,
]);
/** Shallow: it is only shown, and a newer server may say more. */
const MembersAnswer = z.looseObject({
  nodeId: z.string(),
  clustered: z.boolean(),
  members: z.array(z.looseObject({})),
});
const OpinionsAnswer = z.object({
  opinions: z.array(z.tuple([z.string(), z.array(z.looseObject({ id: z.string(), state: z.string() }))])),
});
const PingAnswer = z.object({ pid: z.number() });

/**
 * Connects to the server that runs in `dataDir`.
 *
 * @returns undefined where no server runs
 * @throws {AdminError} if a server is there but does not answer, or may not be asked by this user
 */
export async function connectAdmin(dataDir: string): Promise<AdminClient | undefined> {
  const path = await findServed(await findSocketPaths(join(dataDir, SOCKET_FILE)));
  if (path === undefined) return undefined;
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const call = <T>(request: Request, answer: z.ZodType<T>, withinMs = ANSWER_MS_MAX) =>
    ask({ client, path, request, answer, withinMs });
  try {
    const { pid } = await call(get("/ping"), PingAnswer, PING_MS_MAX);
    return {
      pid,
      createUser: (user): Promise<CreateUserOutcome> => call(send("POST", "/users", user), CreateUserAnswer),
      setPassword: (change): Promise<SetPasswordOutcome> => call(send("PUT", "/password", change), SetPasswordAnswer),
      members: async () => await call(get("/members"), MembersAnswer) as unknown as NodeStatus,
      opinions: async () => new Map((await call(get("/opinions"), OpinionsAnswer)).opinions) as unknown as Opinions,
      resetTotp: (user): Promise<ResetTotpOutcome> => call(send("POST", "/reset-totp", { user }), ResetTotpAnswer),
      forgetMember: (member): Promise<ForgetMemberOutcome> => call(send("POST", "/forget", { member }), ForgetAnswer),
      lostEdits: (): Promise<LostEditsOutcome> => call(get("/lost-edits"), LostEditsAnswer),
      leaveCluster: (): Promise<LeaveClusterOutcome> => call(send("POST", "/leave", {}), LeaveAnswer),
      checkDatabase: (): Promise<CheckOutcome> => call(get("/check"), CheckAnswer, CHECK_MS_MAX),
      stop: async () => void await call(send("POST", "/stop", {}), z.object({})),
      [Symbol.asyncDispose]() {
        client.close();
        return Promise.resolve();
      },
    };
  } catch (cause) {
    client.close();
    throw cause;
  }
}

async function findServed(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (await isServed(path)) return path;
  }
}

/** No socket, or one that a killed process left: nobody is there. */
async function isServed(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.ConnectionRefused) return false;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AdminError(
      `Cannot open admin socket "${path}": ${reason}. Run the command as the user that runs the server`,
      { cause },
    );
  }
}

async function ask<T>({ client, path, request, answer, withinMs }: {
  client: Deno.HttpClient;
  path: string;
  request: Request;
  answer: z.ZodType<T>;
  withinMs: number;
}): Promise<T> {
  let response: Response, content: unknown;
  try {
    response = await fetch(request, { client, signal: AbortSignal.timeout(withinMs) });
    content = await response.json();
  } catch (cause) {
    const late = cause instanceof DOMException && cause.name === "TimeoutError";
    const what = late ? `it gave no answer within ${withinMs / 1000} s` : "it ended, or broke its answer off";
    throw new AdminError(`Cannot ask the server at "${path}": ${what}. Its log says why`, { cause });
  }
  if (!response.ok) throw new AdminError(`Cannot ask the server at "${path}": ${errorOf(content)}`);
  const checked = answer.safeParse(content);
  if (checked.success) return checked.data;
  throw new AdminError(
    `Cannot read the answer of the server at "${path}": it is of another version. Use the knot that the server runs`,
  );
}

function errorOf(content: unknown): string {
  const checked = z.object({ error: z.string() }).safeParse(content);
  return checked.success ? checked.data.error : "it refused";
}

/** All goes to the socket; but a name would be looked up all the same, and that fails where the network does. */
const ORIGIN = "http://127.0.0.1";

function get(path: string): Request {
  return new Request(`${ORIGIN}${path}`);
}

function send(method: "POST" | "PUT", path: string, content: unknown): Request {
  const headers = { "content-type": "application/json" };
  return new Request(`${ORIGIN}${path}`, { method, headers, body: JSON.stringify(content) });
}
