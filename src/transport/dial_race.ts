import type { Clock } from "../base/mod.ts";
import { formatHostPort } from "./address.ts";
import type { Target } from "./resolver.ts";

/** Head start of each address over the next, in ms (RFC 8305 §5). */
export const STAGGER_MS = 250;

/** What {@link raceToConnect} races. */
export interface DialRace<T> {
  /** At least one, best first. */
  readonly targets: readonly Target[];
  readonly clock: Clock;
  /** Calls the whole race off. */
  readonly signal: AbortSignal;
  /** Opens one connection; its signal aborts only while it has not resolved. */
  connect(target: Target, signal: AbortSignal): Promise<T>;
  /** Closes a connection that came after the race was over. */
  discard(late: T): void;
}

/**
 * Connects to the first target that answers (Happy Eyeballs, RFC 8305): each gets {@link STAGGER_MS} alone, or until
 * it fails, before the next one starts beside it.
 *
 * @throws when all have failed, naming each with its cause; or with the reason of `signal`
 */
export function raceToConnect<T>(race: DialRace<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const running = new Set<AbortController>();
    const failures: string[] = [];
    let next = 0;
    let over = false;
    let cancelStagger = () => {};

    function settle(outcome: () => void) {
      over = true;
      cancelStagger();
      race.signal.removeEventListener("abort", callOff);
      for (const controller of running) controller.abort();
      outcome();
    }

    function callOff() {
      settle(() => reject(race.signal.reason));
    }

    function startNext() {
      cancelStagger();
      const target = race.targets[next++];
      const controller = new AbortController();
      running.add(controller);
      race.connect(target, controller.signal).then(
        (connection) => {
          running.delete(controller); // Its signal would close the connection that won.
          if (over) race.discard(connection);
          else settle(() => resolve(connection));
        },
        (error) => {
          running.delete(controller);
          if (!over) failed(target, error);
        },
      );
      if (next < race.targets.length) cancelStagger = race.clock.after(STAGGER_MS, startNext);
    }

    function failed(target: Target, error: unknown) {
      failures.push(`${formatHostPort(target.host, target.port)} ${connectFailure(error)}`);
      if (next < race.targets.length) startNext();
      else if (running.size === 0) settle(() => reject(new Error(failures.join("; "), { cause: error })));
    }

    race.signal.addEventListener("abort", callOff);
    if (race.signal.aborted) callOff();
    else startNext();
  });
}

function connectFailure(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "refused the connection";
  if (error instanceof Deno.errors.TimedOut) return "does not answer";
  const message = error instanceof Error ? error.message : String(error);
  return `failed: ${message.replace(/ \(os error \d+\)$/, "")}`;
}
