import { Hono } from "hono";
import { Permission, type PermissionNumber, type Principal } from "../accounts/mod.ts";
import type { RecordChange } from "../node/mod.ts";
import { ApiError } from "./api_error.ts";
import { callerOf } from "./client_ip.ts";
import { EventStream } from "./event_stream.ts";
import type { Gate } from "./gate.ts";
import type { ApiParts, SignedIn } from "./parts.ts";
import { sessionCookie } from "./session_cookie.ts";

/** Streams of one server: each costs a socket and some kilobytes. */
const STREAMS_MAX = 1_000;
/** Tabs of one user that may be open. */
const STREAMS_OF_USER_MAX = 20;
/** Changes are gathered so long, so that many writes are few packets; nobody sees the difference. */
const GATHER_MS = 50;
/** Different records in one gathering; past it the stream closes, and the client reads anew. */
const GATHERED_MAX = 1_000;
/** Shorter than the 60 s after which common proxies close a quiet connection. */
const KEEP_ALIVE_MS = 15_000;

/** Names in the events, and who may hear of them; templates besides, each by whoever may see it. */
const KINDS: Readonly<Record<string, { readonly name: string; readonly permission: PermissionNumber }>> = {
  user: { name: "users", permission: Permission.ManageUsers },
  group: { name: "groups", permission: Permission.ManageGroups },
  role: { name: "roles", permission: Permission.ManageRoles },
  template: { name: "templates", permission: Permission.ManageTemplates },
  template_variable: { name: "templatevars", permission: Permission.ManageVariables },
};

/** `GET /api/events`: server-sent `{type, payload: {id}}`, such as `users:changed`, of what the caller may see. */
export function eventRoutes(parts: ApiParts, gate: Gate): { routes: Hono<SignedIn>; close(): void } {
  const streams = new Map<EventStream, string>();
  const routes = new Hono<SignedIn>();
  routes.get("/", gate.signedIn(), (c) => {
    const { principal } = c.var;
    const own = [...streams.values()].filter((userId) => userId === principal.userId).length;
    if (streams.size >= STREAMS_MAX || own >= STREAMS_OF_USER_MAX) {
      throw new ApiError(503, "Too many event streams are open", { retryAfterSeconds: 10 });
    }
    const credentials = {
      bearer: /^Bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1],
      sessionToken: sessionCookie(c),
      ...callerOf(c, parts),
    };
    const feed = new Feed(
      parts,
      () => parts.accounts.signIn.authenticate(credentials),
      (stream) => streams.delete(stream),
    );
    streams.set(feed.stream, principal.userId);
    feed.start(principal);
    c.header("Content-Type", "text/event-stream; charset=utf-8");
    c.header("Cache-Control", "no-store");
    c.header("X-Accel-Buffering", "no"); // nginx would hold the events back.
    return c.body(feed.stream.body);
  });
  return {
    routes,
    close: () => [...streams.keys()].forEach((stream) => stream.close()),
  };
}

/** What one stream tells. Who listens is asked anew each time: rights may be gone since. */
class Feed {
  readonly stream: EventStream;
  readonly #parts: ApiParts;
  readonly #principal: () => Principal | undefined;
  readonly #stops: Array<() => void> = [];
  /** Templates that the listener could see when last looked, to tell them of those that vanish. */
  readonly #seenTemplates = new Set<string>();
  readonly #gathered = new Map<string, RecordChange>();
  #statusChanged = false;
  #cancelFlush: (() => void) | undefined;
  #cancelKeepAlive: (() => void) | undefined;

  constructor(parts: ApiParts, principal: () => Principal | undefined, onClose: (stream: EventStream) => void) {
    this.#parts = parts;
    this.#principal = principal;
    this.stream = new EventStream(() => {
      for (const stop of this.#stops) stop();
      this.#cancelFlush?.();
      this.#cancelKeepAlive?.();
      onClose(this.stream);
    });
  }

  start(principal: Principal): void {
    for (const template of this.#parts.templates.templates.list(principal)) {
      this.#seenTemplates.add(template.template_id);
    }
    this.stream.send("connected", { status: "ok" });
    this.#stops.push(
      this.#parts.node.onChange((change) => {
        if (!(change.kind in KINDS)) return;
        this.#gathered.set(`${change.kind}:${change.id}`, change);
        if (this.#gathered.size > GATHERED_MAX) this.stream.close();
        else this.#plan();
      }),
      this.#parts.node.onStatus(() => {
        this.#statusChanged = true;
        this.#plan();
      }),
    );
    this.#keepAlive();
  }

  #plan(): void {
    this.#cancelFlush ??= this.#parts.clock.after(GATHER_MS, () => this.#guarded(() => this.#flush()));
  }

  #flush(): void {
    this.#cancelFlush = undefined;
    const principal = this.#stillThere();
    if (!principal) return;
    const changes = [...this.#gathered.values()];
    this.#gathered.clear();
    for (const change of changes) {
      const type = this.#typeOf(change, principal);
      if (type) this.stream.send("message", { type, payload: { id: change.id } });
    }
    if (this.#statusChanged && principal.can(Permission.ViewClusterInfo)) {
      this.stream.send("message", { type: "cluster-info:changed", payload: { id: "" } });
    }
    this.#statusChanged = false;
  }

  /** The event's type, or undefined for what is none of the listener's business. */
  #typeOf({ kind, id, change }: RecordChange, principal: Principal): string | undefined {
    const { name, permission } = KINDS[kind];
    if (kind === "template") return this.#templateType(id, principal);
    const allowed = principal.can(permission) || (kind === "user" && id === principal.userId);
    return allowed ? `${name}:${change}` : undefined;
  }

  #templateType(id: string, principal: Principal): string | undefined {
    const visible = this.#parts.templates.templates.get(principal, id) !== undefined;
    const wasVisible = this.#seenTemplates.delete(id);
    if (visible) this.#seenTemplates.add(id);
    if (visible) return "templates:changed";
    return wasVisible ? "templates:deleted" : undefined;
  }

  #keepAlive(): void {
    this.#cancelKeepAlive = this.#parts.clock.after(KEEP_ALIVE_MS, () =>
      this.#guarded(() => {
        if (!this.#stillThere()) return;
        this.stream.keepAlive();
        this.#keepAlive();
      }));
  }

  /** No request waits for a timer, to be answered 500: what fails in one ends the stream, never the server. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.log.error("An event stream failed", { error: String(error) });
      this.stream.close();
    }
  }

  /** Who listens now; a stream of somebody who may not any more says so and ends. */
  #stillThere(): Principal | undefined {
    const principal = this.#principal();
    if (principal) return principal;
    this.stream.send("message", { type: "auth:required" });
    this.stream.close();
    return undefined;
  }
}
