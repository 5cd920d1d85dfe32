import { type Random, shuffled } from "../../../src/base/mod.ts";
import type { LinkRule } from "../netns/mod.ts";

/** What can happen to the cluster. Servers are numbers from 0. */
export type Fault =
  /** `kill -9`, and a new start at the end. */
  | { readonly kind: "kill"; readonly server: number }
  /** `kill -9` of all at one moment: what then is not on a disk is nowhere. */
  | { readonly kind: "power_cut" }
  /** SIGSTOP, and SIGCONT at the end: its sockets stay open, and nobody answers. */
  | { readonly kind: "pause"; readonly server: number }
  /** Nothing passes between the two sides, in either direction. */
  | { readonly kind: "partition"; readonly sides: readonly [readonly number[], readonly number[]] }
  /** Nothing passes from one side to the other; the way back works. */
  | { readonly kind: "one_way"; readonly sides: readonly [readonly number[], readonly number[]] }
  /** All links lose packets. */
  | { readonly kind: "loss"; readonly percent: number };

/** The kinds of {@link Fault}, in the order in which counts are told. */
export const FAULT_KINDS = [
  "kill",
  "power_cut",
  "pause",
  "partition",
  "one_way",
  "loss",
] as const satisfies Fault["kind"][];

/** At one time. */
const FAULTS_MAX = 3;
const LOSS_PERCENT = { least: 5, more: 40 };

/** One to three faults for one round. No server is killed, or paused, twice at one time. */
export function drawFaults(servers: number, random: Random): Fault[] {
  const victims = shuffled(Array.from({ length: servers }, (_, index) => index), random).slice(1);
  const drawn = shuffled(FAULT_KINDS, random).slice(0, 1 + random.below(FAULTS_MAX));
  const kinds = drawn.includes("power_cut") ? drawn.filter((kind) => kind !== "kill" && kind !== "pause") : drawn;
  return kinds.map((kind) => {
    switch (kind) {
      case "power_cut":
        return { kind };
      case "kill":
      case "pause":
        return { kind, server: victims.pop()! };
      case "partition":
      case "one_way":
        return { kind, sides: drawSides(servers, random) };
      case "loss":
        return { kind, percent: LOSS_PERCENT.least + random.below(LOSS_PERCENT.more) };
    }
  });
}

/** Two sides, neither of them empty. */
function drawSides(servers: number, random: Random): [number[], number[]] {
  const order = shuffled(Array.from({ length: servers }, (_, index) => index), random);
  const cut = 1 + random.below(servers - 1);
  return [order.slice(0, cut), order.slice(cut)];
}

/** The packets that a fault of links loses; none for the others. */
export function rulesOf(fault: Fault, addresses: readonly string[]): LinkRule[] {
  if (fault.kind === "loss") return [{ lossPercent: fault.percent }];
  if (fault.kind !== "partition" && fault.kind !== "one_way") return [];
  const [near, far] = fault.sides;
  const there = near.flatMap((a) => far.map((b) => ({ from: addresses[a], to: addresses[b] })));
  return fault.kind === "one_way" ? there : [...there, ...there.map(({ from, to }) => ({ from: to, to: from }))];
}

/** A fault in a few words; servers by `names`. */
export function faultText(fault: Fault, names: readonly string[]): string {
  const side = (servers: readonly number[]) => servers.map((server) => names[server]).join("+");
  switch (fault.kind) {
    case "kill":
    case "pause":
      return `${fault.kind} ${names[fault.server]}`;
    case "power_cut":
      return "power cut";
    case "partition":
      return `partition ${side(fault.sides[0])} | ${side(fault.sides[1])}`;
    case "one_way":
      return `one way ${side(fault.sides[0])} ⇥ ${side(fault.sides[1])}`;
    case "loss":
      return `${fault.percent} % loss`;
  }
}
