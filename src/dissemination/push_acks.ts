/** Pushes named in one answer; a sender has far fewer unanswered, see the pusher. */
const SEQUENCES_MAX = 256;

type Channel = "packet" | "stream";

interface Answer {
  readonly to: string;
  readonly channel: Channel;
  sequences: number[];
}

/** Answers to pushes: those that were committed together are answered together. */
export class PushAcks {
  readonly #answers = new Map<string, Answer>();

  constructor(private readonly send: (to: string, channel: Channel, sequences: readonly number[]) => void) {}

  /** All of a push is on disk: it is answered by the way it came. */
  add(to: string, channel: Channel, sequence: number): void {
    const key = `${channel} ${to}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) this.#answers.set(key, answer = { to, channel, sequences: [] });
    answer.sequences.push(sequence);
    if (answer.sequences.length >= SEQUENCES_MAX) this.#answer(key, answer);
  }

  /** Sends what has come together. */
  flush(): void {
    for (const [key, answer] of this.#answers) this.#answer(key, answer);
  }

  #answer(key: string, { to, channel, sequences }: Answer): void {
    this.#answers.delete(key);
    this.send(to, channel, sequences);
  }
}
