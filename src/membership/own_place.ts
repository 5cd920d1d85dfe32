import { type BootId, hasLeft, type Member, type MemberFacts, type MemberUpdate } from "./member.ts";
import type { MembershipPort } from "./port.ts";

/** Times that another boot must contest our id before it counts as alive: old news may come in more than one piece. */
const CONTESTS_OF_THE_LIVING = 3;
/** Other boots of our own id that are told apart. */
const CONTESTS_MAX = 64;

/** What a statement about this server asks for. */
export type OwnVerdict =
  /** Our own word, or one that has no bearing. */
  | "ignore"
  /** Take it over like one about anybody. */
  | "apply"
  /** Somebody believes us gone, or remembers a former start of ours: say otherwise with a greater incarnation. */
  | "refute";

/** Defends this server's place in the cluster: against rumours, against its past, and against another with its id. */
export class OwnPlace {
  /** How often each other boot of this id raised the incarnation against us. */
  readonly #contests = new Map<BootId, number>();

  constructor(private readonly port: MembershipPort) {}

  /** @param own this server's entry; undefined while it takes its place */
  judge(update: MemberUpdate, own: Member | undefined, { leaving }: { leaving: boolean }): OwnVerdict {
    if (own === undefined) return "apply";
    if (own.state === "left") return "ignore";
    if (leaving) return hasLeft(update.state) ? "apply" : "ignore";
    if (update.state === "left") {
      this.port.expelled("This server was removed from the cluster: started again, it joins as a new one");
      return "apply"; // Remembered, so that the next start takes a new id.
    }
    if (update.incarnation < own.incarnation) return "ignore";
    const isOurs = update.facts === undefined || update.facts.bootId === own.facts!.bootId;
    if (update.state === "alive" && isOurs) return update.incarnation === own.incarnation ? "ignore" : "apply";
    if (!isOurs && update.state === "alive" && update.incarnation > own.incarnation) {
      this.#contested(update.facts!, own);
    }
    return "refute";
  }

  /** Another process with our id talks with us: it needs no further proof that it is alive. */
  met(twin: MemberFacts, own: Member): void {
    if (own.state !== "left" && twin.bootId !== own.facts!.bootId) this.#settle(twin, own);
  }

  /**
   * Another process says that it is this server. Memories of a former start are refuted once or twice; who goes on raising the
   * incarnation is alive.
   */
  #contested(twin: MemberFacts, own: Member): void {
    const contests = (this.#contests.get(twin.bootId) ?? 0) + 1;
    if (this.#contests.size < CONTESTS_MAX) this.#contests.set(twin.bootId, contests);
    if (contests >= CONTESTS_OF_THE_LIVING) this.#settle(twin, own);
  }

  /** Both see the same of each other. The one that started later gives way: it is the copy, as a rule. */
  #settle({ bootId, address, startedAtMs }: MemberFacts, { facts }: Member): void {
    this.port.log("warn", "Another server runs with this server's id: was its data folder copied?", { address });
    const laterMs = facts!.startedAtMs - startedAtMs;
    if (laterMs < 0 || (laterMs === 0 && facts!.bootId < bootId)) return;
    this.port.expelled(
      `Another server, at "${address}", runs with this server's id and keeps it, since it started earlier ` +
        `(${
          new Date(startedAtMs).toISOString()
        }): whichever of the two has a copied data folder must be started with an empty one`,
    );
  }
}
