import type { Random } from "../base/mod.ts";
import { isLive, type Member, type NodeId, type Opinion } from "../membership/mod.ts";
import type { SurveyMessage } from "./message.ts";

/** Who has not answered by then, in milliseconds, is asked through others as well: there may be no way from here. */
const DETOUR_MS = 300;
/** Members asked to ask one silent member on our behalf: the first may not reach it either. */
const DETOURS_EACH = 2;
/** Late answers are of no use to anybody: askers wait for a second. */
const QUESTION_MS_MAX = 2_000;
/** Questions of our own under way: each is a person, or a script, who looks. */
const ASKED_MAX = 64;
/** Questions of others that are passed on at one time; more are left to the other helper. */
const PASSED_ON_MAX = 256;

/** What the survey needs of the machine around it. */
export interface SurveyPort {
  readonly random: Random;
  readonly self: NodeId;
  after(delayMs: number, callback: () => void): void;
  member(id: NodeId): Member | undefined;
  members(): Iterable<Member>;
  send(to: NodeId, message: SurveyMessage): void;
  /** What this server thinks of each other member. */
  opinions(): Opinion[];
  /** `from` told, itself or through another, what it thinks; once for each that answers. */
  informed(from: NodeId, request: number, opinions: readonly Opinion[]): void;
}

interface Asked {
  readonly request: number;
  readonly answers: Map<NodeId, readonly Opinion[]>;
}

interface PassedOn {
  readonly asker: NodeId;
  readonly request: number;
  readonly target: NodeId;
}

/**
 * Asks every live member what it thinks of the others, and answers such questions. Who does not answer is asked through members
 * that did: a question is passed on once at most, so it cannot go in circles.
 */
export class Survey {
  readonly #asked = new Map<number, Asked>();
  readonly #passedOn = new Map<number, PassedOn>();
  #next = 1;

  constructor(private readonly port: SurveyPort) {}

  /** Answers come as `informed` with this `request`. */
  ask(request: number): void {
    if (this.#asked.size >= ASKED_MAX) return;
    const sequence = this.#next++;
    this.#asked.set(sequence, { request, answers: new Map() });
    for (const { id } of this.#others()) this.port.send(id, { kind: "opinions_req", request: sequence });
    this.port.after(DETOUR_MS, () => this.#detour(sequence));
    this.port.after(QUESTION_MS_MAX, () => void this.#asked.delete(sequence));
  }

  /** Handles one message of a member; `reply` answers the way it came. */
  receive(from: NodeId, message: SurveyMessage, reply: (message: SurveyMessage) => void): void {
    if (message.kind === "opinions") return this.#answered(from, message);
    const { request, target } = message;
    if (target !== undefined && target !== this.port.self) return this.#passOn(from, { request, target });
    reply({ kind: "opinions", request, opinions: this.port.opinions() });
  }

  #passOn(asker: NodeId, { request, target }: { request: number; target: NodeId }): void {
    const member = this.port.member(target);
    if (member === undefined || !isLive(member.state) || this.#passedOn.size >= PASSED_ON_MAX) return;
    const sequence = this.#next++;
    this.#passedOn.set(sequence, { asker, request, target });
    // Without a target: whoever receives it answers for itself, and passes nothing on.
    this.port.send(target, { kind: "opinions_req", request: sequence });
    this.port.after(QUESTION_MS_MAX, () => void this.#passedOn.delete(sequence));
  }

  #answered(from: NodeId, { request, of, opinions }: Extract<SurveyMessage, { kind: "opinions" }>): void {
    const passedOn = this.#passedOn.get(request);
    if (passedOn !== undefined) {
      if (passedOn.target !== from) return;
      this.#passedOn.delete(request);
      return this.port.send(passedOn.asker, { kind: "opinions", request: passedOn.request, of: from, opinions });
    }
    const asked = this.#asked.get(request);
    const whose = of ?? from;
    if (asked === undefined || asked.answers.has(whose) || this.port.member(whose) === undefined) return;
    asked.answers.set(whose, opinions);
    this.port.informed(whose, asked.request, opinions);
  }

  #detour(sequence: number): void {
    const { answers } = this.#asked.get(sequence)!;
    for (const { id } of this.#others()) {
      if (answers.has(id)) continue;
      const helpers = [...answers].filter(([, opinions]) => reaches(opinions, id)).map(([helper]) => helper);
      for (let left = DETOURS_EACH; left > 0 && helpers.length > 0; left--) {
        const [helper] = helpers.splice(this.port.random.below(helpers.length), 1);
        this.port.send(helper, { kind: "opinions_req", request: sequence, target: id });
      }
    }
  }

  #others(): Member[] {
    return [...this.port.members()].filter(({ id, state }) => id !== this.port.self && isLive(state));
  }
}

/** By its own word; where it says nothing of the way, it is worth a try. */
function reaches(opinions: readonly Opinion[], target: NodeId): boolean {
  return opinions.some(({ id, state, path }) => id === target && isLive(state) && path !== "relayed");
}
