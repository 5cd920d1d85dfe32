/** Cancels what {@link Clock.after} planned; harmless when it already ran. */
export type CancelTimer = () => void;

/** Time as the rooms with I/O see it: real in production, virtual in the simulator. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump in either direction. */
  wallMs(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonicMs(): number;
  /** Runs `callback` once, `delayMs` from now. */
  after(delayMs: number, callback: () => void): CancelTimer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
