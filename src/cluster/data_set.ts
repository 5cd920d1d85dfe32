import { isLive, type Member, type MemberFacts, type NodeId } from "../membership/mod.ts";

/** Token of the commit that adopts a data set. Writes have tokens above it, incoming records below. */
export const ADOPTION_TOKEN = 0;

/** A first copy is looked after so often, in milliseconds: where all are there and nobody has the whole, it ends. */
const FIRST_COPY_LOOK_MS = 5_000;
/** After so many looks, a minute, nobody is waited for who is not there; where nothing came since, it is asked for again. */
const FIRST_COPY_LOOKS_MAX = 12;
/** Pause before another try when the adopted id could not be stored, in milliseconds: the disk may have room again. */
const ADOPTION_RETRY_MS = 5_000;

/** What the data set needs of the machine around it. */
export interface DataSetPort {
  after(delayMs: number, callback: () => void): void;
  members(): Iterable<Member>;
  member(id: NodeId): Member | undefined;
  /** Puts the id on disk as {@link ADOPTION_TOKEN}. */
  commitAdoption(lineage: string): void;
  /** Keys the fingerprints, and tells the others in our facts. */
  announce(facts: Pick<MemberFacts, "lineage" | "copying">): void;
  /** No other server was ever configured. */
  readonly isAlone: boolean;
  /** Compares what we hold with what `partner` holds. */
  compareWith(partner: NodeId): void;
  /** Remembers that the first copy is whole. */
  rememberCopied(): void;
  /** Number of the next commit, and whether all before one have ended. */
  nextJob(): number;
  isDoneBefore(job: number): boolean;
  /** Readiness or problems changed. */
  changed(): void;
  log(level: "info" | "warn", message: string, fields: Record<string, unknown>): void;
}

/**
 * Which data set this server holds, by its random id (the lineage), and how it came by it: remembered, set up here, or adopted from
 * the cluster. Servers with different ones never exchange records.
 */
export class DataSet {
  #lineage: string | undefined;
  #adopting: string | undefined;
  #settingUp: { readonly token: number; readonly lineage: string } | undefined;
  #copying = false;
  /** Everything of the first copy is in the commits before this one; undefined while it is still coming in. */
  #jobAfterCopy: number | undefined;
  /** Members already reported to hold another one. */
  readonly #conflicts = new Set<NodeId>();

  /** @param remembered from disk: `copying` when the server stopped before its first copy was whole */
  constructor(
    remembered: { readonly lineage: string | undefined; readonly copying: boolean },
    private readonly port: DataSetPort,
  ) {
    this.#lineage = remembered.lineage;
    this.#copying = remembered.copying;
  }

  /** What our facts say of it at start. */
  start(): Pick<MemberFacts, "lineage" | "copying"> {
    if (!this.#copying) return { lineage: this.#lineage ?? "" };
    this.#lookAfterCopy();
    return { lineage: this.#lineage ?? "", copying: true };
  }

  /** Undefined while the server is empty. */
  get lineage(): string | undefined {
    return this.#lineage;
  }

  /** Neither there nor on its way. */
  get isFree(): boolean {
    return this.#lineage === undefined && this.#adopting === undefined && this.#settingUp === undefined;
  }

  /** The adopted data set's first copy is still coming in. */
  get isCopying(): boolean {
    return this.#adopting !== undefined || this.#copying;
  }

  /** The write `token` makes a new data set. */
  beginSetUp(token: number, lineage: string): void {
    this.#settingUp = { token, lineage };
  }

  /** The write `token` ended; only of interest if it was the set-up. */
  endSetUp(token: number, { committed }: { committed: boolean }): void {
    if (this.#settingUp?.token !== token) return;
    const { lineage } = this.#settingUp;
    this.#settingUp = undefined;
    if (!committed) return;
    this.#lineage = lineage;
    this.port.announce({ lineage });
    this.port.changed();
  }

  /** A member is new or said something new: an empty server adopts what it holds, another compares. */
  look({ id, state, facts }: Member): void {
    if (facts === undefined || facts.lineage === "" || !isLive(state)) return;
    if (this.isFree) {
      if (!isWhole(facts)) return;
      this.#adopting = facts.lineage;
      return this.port.commitAdoption(facts.lineage);
    }
    if (this.problemOf(facts) === undefined) {
      this.#conflicts.delete(id);
    } else if (!this.#conflicts.has(id)) {
      this.#conflicts.add(id);
      this.port.log("warn", "Another server holds a different data set: records are not exchanged with it", {
        member: id,
        address: facts.address,
        itsDataSet: facts.lineage,
        ourDataSet: this.#lineage,
        wayOut:
          "start one of them once with knot server --adopt: it sets its own data aside and takes over the other's",
      });
    }
  }

  /** Why records are not exchanged with a member, where so. */
  problemOf(facts: MemberFacts | undefined): string | undefined {
    const theirs = facts?.lineage ?? "";
    return theirs !== "" && this.#lineage !== undefined && theirs !== this.#lineage ? "other data set" : undefined;
  }

  /** The adopted id is on disk: fetches the first copy. Until it is whole, nobody may take it for the data set itself. */
  adopted(): void {
    const lineage = this.#lineage = this.#adopting!;
    this.#adopting = undefined;
    this.#copying = true;
    this.port.log("info", "Adopted the cluster's data set", { lineage });
    this.port.announce({ lineage, copying: true });
    for (const { id } of this.#sources()) this.port.compareWith(id);
    this.#lookAfterCopy();
    this.port.changed();
  }

  /** Live members that hold all of the data set. */
  #sources(): Member[] {
    return [...this.port.members()].filter(({ facts, state }) =>
      facts !== undefined && facts.lineage === this.#lineage && isWhole(facts) && isLive(state)
    );
  }

  #lookAfterCopy({ look = 1, job = this.port.nextJob() } = {}): void {
    this.port.after(FIRST_COPY_LOOK_MS, () => {
      if (!this.#copying) return;
      const sources = this.#sources();
      const isLast = look === FIRST_COPY_LOOKS_MAX;
      if (sources.length === 0 && (isLast || this.#areAllThere())) {
        this.port.log("warn", "Nobody is there who holds the whole data set: this server serves what it has", {});
        return this.#endCopySoon();
      }
      if (!isLast) return this.#lookAfterCopy({ look: look + 1, job });
      if (this.port.nextJob() === job) { // Nothing came.
        this.port.log("warn", "Cannot get the cluster's data: trying on", { from: sources.map(({ id }) => id) });
        for (const { id } of sources) this.port.compareWith(id);
      }
      this.#lookAfterCopy();
    });
  }

  /** Nobody is away who could hold more than those who are here. */
  #areAllThere(): boolean {
    const members = [...this.port.members()].filter(({ state }) => state !== "left");
    if (members.length <= 1) return this.port.isAlone; // Only this server itself.
    return members.every(({ state, facts }) => facts !== undefined && isLive(state));
  }

  adoptionFailed(reason: string): void {
    this.#adopting = undefined;
    this.port.log("warn", "Cannot store the id of the cluster's data set: trying on", { reason });
    this.port.after(ADOPTION_RETRY_MS, () => {
      for (const member of this.port.members()) this.look(member);
    });
  }

  /** We hold what `partner` holds. That ends the first copy, unless `partner` is still copying itself. */
  comparedWith(partner: NodeId): void {
    const facts = this.port.member(partner)?.facts;
    if (this.#copying && facts !== undefined && isWhole(facts)) this.#endCopySoon();
  }

  /** A commit ended: the last one of the first copy, perhaps. */
  committed(): void {
    // Under steady writes there is always a commit under way: only those up to then count.
    if (this.#jobAfterCopy !== undefined && this.port.isDoneBefore(this.#jobAfterCopy)) this.#endCopy();
  }

  #endCopy(): void {
    if (!this.#copying) return;
    this.#copying = false;
    this.#jobAfterCopy = undefined;
    this.port.log("info", "Received the cluster's data", {});
    this.port.rememberCopied();
    this.port.announce({ lineage: this.#lineage!, copying: undefined });
    this.port.changed();
  }

  /** Everything has arrived; the last of it may still be on its way to disk. */
  #endCopySoon(): void {
    this.#jobAfterCopy ??= this.port.nextJob();
    this.committed();
  }
}

/** Has a data set, all of it. */
export function isWhole(facts: MemberFacts): boolean {
  return facts.lineage !== "" && !facts.copying;
}
