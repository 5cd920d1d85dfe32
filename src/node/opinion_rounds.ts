import type { Clock } from "../base/mod.ts";
import type { NodeId, Opinion } from "../cluster/mod.ts";
import { pause } from "./pause.ts";

/** Members get so long to say what they think, in milliseconds. */
const OPINIONS_MS_MAX = 1_000;

/** Asks all members what they think of each other, and gathers the answers. */
export class OpinionRounds {
  readonly #open = new Map<number, (from: NodeId, opinions: readonly Opinion[]) => void>();
  #nextRequest = 1;

  /** @param ask sends a request with this number to every live member */
  constructor(private readonly clock: Clock, private readonly ask: (request: number) => void) {}

  /** What each server that answers in time thinks, with ours. @param awaited live servers, this one included */
  async ofAll(
    own: { readonly id: NodeId; readonly opinions: readonly Opinion[] },
    awaited: number,
  ): Promise<ReadonlyMap<NodeId, readonly Opinion[]>> {
    const opinions = new Map<NodeId, readonly Opinion[]>([[own.id, own.opinions]]);
    const request = this.#nextRequest++;
    const { promise: everybody, resolve } = Promise.withResolvers<void>();
    this.#open.set(request, (from, theirs) => {
      opinions.set(from, theirs);
      if (opinions.size >= awaited) resolve();
    });
    this.ask(request);
    if (awaited > 1) await Promise.race([everybody, pause(this.clock, OPINIONS_MS_MAX)]);
    this.#open.delete(request);
    return opinions;
  }

  /** An answer came; one that comes too late is left alone. */
  answered(request: number, from: NodeId, opinions: readonly Opinion[]): void {
    this.#open.get(request)?.(from, opinions);
  }
}
