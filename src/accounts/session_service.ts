import type { Session, SessionService } from "./contract.ts";
import type { DeleteOutcome } from "./outcome.ts";
import type { Principal } from "./principal.ts";
import type { SessionStore } from "./session_store.ts";
import { timeText } from "./stored_fields.ts";

/** A user's own sessions. */
export function createSessionService(store: SessionStore): SessionService {
  return {
    list(principal): Session[] {
      return store.of(principal.userId).map((session) => ({
        session_id: session.id,
        ip: session.ip,
        user_agent: session.userAgent,
        expires_at: timeText(session.expiresAtMs),
        current: isCurrent(principal, session.id),
      }));
    },
    async delete(principal, id): Promise<DeleteOutcome> {
      if (!store.of(principal.userId).some((session) => session.id === id)) return { kind: "not_found" };
      const { copies, members } = await store.end(id);
      return { kind: "deleted", copies, members };
    },
  };
}

function isCurrent({ credential }: Principal, sessionId: string): boolean {
  return credential.kind === "session" && credential.id === sessionId;
}
