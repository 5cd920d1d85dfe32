import type { CancelTimer } from "../base/mod.ts";
import { partOf } from "./answer.ts";
import type { Segment } from "./comparison.ts";
import type { ReconciliationMessage } from "./message.ts";
import { type ReconciliationPort, tagOf } from "./port.ts";

/** Parts under way from one partner, so that one travels while the other goes to disk; and in all, which the disk keeps up with. */
const PULLS_EACH_MAX = 2;
const PULLS_MAX = 6;
/** Segments that wait; whatever more there is, the next comparison finds. */
const SEGMENTS_MAX = 1_024;
/**
 * A part that does not come within so many milliseconds is asked of somebody else. It doubles with each try: a record of 12 MiB
 * takes minutes on a slow link.
 */
const SILENCE_MS_FIRST = 5_000;
const TRIES_MAX = 6;

interface Work {
  readonly segment: Segment;
  /** Whose fingerprints told of it. */
  readonly partner: string;
  readonly tries: number;
}

interface Pull {
  readonly work: Work;
  readonly to: string;
  readonly cancel: CancelTimer;
}

/** Fetches ranges of which this server holds nothing, part by part, each after the last one is on disk, from several at once. */
export class Puller {
  readonly #pulls = new Map<number, Pull>();
  #waiting: Work[] = [];
  #storing = 0;
  #next: number;
  /** Whom to call finished when nothing is left; undefined once something was given up. */
  #partner: string | undefined;

  /** @param failed a part could not be stored: nothing is asked for until {@link resume} */
  constructor(
    private readonly port: ReconciliationPort,
    private readonly events: { mayAsk(): boolean; stored(whole: boolean): void },
  ) {
    this.#next = port.random.uint32() >>> 1;
  }

  /** Something is under way or waits. */
  get isBusy(): boolean {
    return this.#pulls.size > 0 || this.#waiting.length > 0 || this.#storing > 0;
  }

  /** Fetches `segments`, which `partner` has; nothing while others are fetched, which may be the same. */
  take(segments: readonly Segment[], partner: string): void {
    if (this.isBusy || segments.length === 0) return;
    this.#partner = segments.length <= SEGMENTS_MAX ? partner : undefined;
    this.#waiting = segments.slice(0, SEGMENTS_MAX).map((segment) => ({ segment, partner, tries: 0 }));
    this.resume();
  }

  /** Asks for what waits, as far as the bounds allow. */
  resume(): void {
    while (this.#waiting.length > 0 && this.#pulls.size + this.#storing < PULLS_MAX && this.events.mayAsk()) {
      const [work] = this.#waiting;
      const helpers = this.port.helpers(work.partner);
      const to = this.#leastBusy(helpers, work);
      if (to === undefined && helpers.length > 0) return;
      this.#waiting.shift();
      if (to === undefined) this.#partner = undefined; // Nobody is left to ask: the next comparison finds it.
      else this.#ask(work, to);
    }
  }

  /** The connection to `id`, or `id` itself, is gone: others are asked. */
  abandon(id: string): void {
    for (const [number, { work, to, cancel }] of this.#pulls) {
      if (to !== id) continue;
      cancel();
      this.#pulls.delete(number);
      this.#again(work);
    }
    this.resume();
    this.#lookWhetherDone();
  }

  /** Answers a pull of another server. */
  answer(from: string, { tag, pull, recordKind, from: lower, upTo }: Extract<ReconciliationMessage, { kind: "pull" }>) {
    const tree = this.port.index().tree(recordKind);
    const first = tree?.rank(lower) ?? 0;
    const last = tree === undefined ? 0 : upTo === null ? tree.sum.count : tree.rank(upTo);
    const ids = tree?.ids(first, last - first) ?? [];
    const { records, next } = partOf(ids, (id) => this.port.packed(recordKind, id));
    this.port.send(from, "stream", { kind: "part", tag, pull, next, records });
  }

  /** A part has come; one that was given up, too, is kept. */
  arrived(from: string, { pull, next, records }: Extract<ReconciliationMessage, { kind: "part" }>): void {
    const known = this.#pulls.get(pull);
    const isAwaited = known !== undefined && known.to === from;
    if (isAwaited) {
      known.cancel();
      this.#pulls.delete(pull);
    }
    this.#storing++;
    this.port.received(from, records, ({ whole }) => {
      this.#storing--;
      this.events.stored(whole);
      if (isAwaited) this.#goOn(known, whole ? next : known.work.segment.from);
      this.resume();
      this.#lookWhetherDone();
    });
  }

  /** After a part that was stored the next one is asked for; after one that was not, the same when it is time. */
  #goOn({ work }: Pull, next: string | null): void {
    const { segment, partner } = work;
    if (next === null) return;
    const isFurther = next > segment.from && (segment.upTo === null || next < segment.upTo);
    if (isFurther) this.#waiting.unshift({ segment: { ...segment, from: next }, partner, tries: 0 });
    else this.#again(work);
  }

  #ask(work: Work, to: string): void {
    const lineage = this.port.lineage();
    if (lineage === undefined) return;
    const pull = this.#next = (this.#next + 1) >>> 0;
    const cancel = this.port.after(SILENCE_MS_FIRST * 2 ** work.tries, () => {
      this.#pulls.delete(pull);
      this.#again(work);
      this.resume();
      this.#lookWhetherDone();
    });
    this.#pulls.set(pull, { work, to, cancel });
    const { recordKind, from, upTo } = work.segment;
    // Where parts come over the stream, asking there costs nothing, and works where datagrams do not.
    this.port.send(to, "stream", { kind: "pull", tag: tagOf(lineage), pull, recordKind, from, upTo });
  }

  #again({ segment, partner, tries }: Work): void {
    if (tries < TRIES_MAX) this.#waiting.push({ segment, partner, tries: tries + 1 });
    else this.#partner = undefined;
  }

  /** The one with the least under way; a segment that was asked for in vain goes to somebody else if there is one. */
  #leastBusy(helpers: readonly string[], { partner, tries }: Work): string | undefined {
    const isLessWanted = (id: string) => Number((id === partner) === (tries % 2 === 1));
    const load = new Map<string, number>();
    for (const { to } of this.#pulls.values()) load.set(to, (load.get(to) ?? 0) + 1);
    const free = helpers.filter((id) => (load.get(id) ?? 0) < PULLS_EACH_MAX);
    free.sort((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0) || isLessWanted(a) - isLessWanted(b));
    return free[0];
  }

  #lookWhetherDone(): void {
    const partner = this.#partner;
    if (partner === undefined || this.isBusy) return;
    this.#partner = undefined;
    this.port.finished(partner);
  }
}
