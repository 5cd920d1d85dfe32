import { type Random, seededRandom } from "../../src/base/mod.ts";
import { FAULT_KINDS, type FaultKind } from "./faults.ts";
import { LATECOMERS_MAX } from "./latecomers.ts";
import type { LinkCondition } from "./weather.ts";

/** All that one seed decides before anything runs. */
export interface Scenario {
  readonly nodes: number;
  /** Servers that join while there are faults. */
  readonly latecomers: number;
  readonly websocket: boolean;
  readonly usual: LinkCondition;
  readonly faults: readonly FaultKind[];
  /** Mean time between two faults, and between two writes, in milliseconds. */
  readonly faultGapMs: number;
  readonly writeGapMs: number;
  /** Faults begin only when all have joined; else while they start. */
  readonly settled: boolean;
  /** How long faults go on, in milliseconds. */
  readonly durationMs: number;
}

const NODES_MIN = 2;
const NODES_MAX = 8;
const LOSSES = [0, 0, 0, 0.01, 0.05, 0.2, 0.3];
const DUPLICATES = [0, 0, 0.02, 0.2];
/** Greatest one-way delay of a usual link, in milliseconds: to the other side of the planet. */
const DELAY_MS_MAX = 150;

/** A scenario, and the generators for what it leaves open. */
export interface Drawn {
  readonly scenario: Scenario;
  readonly random: Random;
  /** For latecomers alone: a run without any is what it was before there were some. */
  readonly lateRandom: Random;
}

/** What `seed` makes of a run; `nodes`, `latecomers` and `minutes` are drawn, too, unless given. */
export function drawScenario(
  seed: number,
  { nodes, latecomers, minutes = 2 }: { nodes?: number; latecomers?: number; minutes?: number } = {},
): Drawn {
  const random = seededRandom(seed ^ 0x5eed);
  const lateRandom = seededRandom(seed ^ 0x1a7e);
  const drawnLatecomers = Math.max(0, lateRandom.below(2 * LATECOMERS_MAX + 1) - LATECOMERS_MAX);
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)];
  const drawnNodes = NODES_MIN + random.below(NODES_MAX - NODES_MIN + 1);
  // Half of the clusters are near, where perfect links show false deaths.
  const delayMs = random.below(2) === 0 ? 10 : 1 + random.below(DELAY_MS_MAX);
  const settled = random.below(3) > 0;
  const share = random.float();
  const scenario: Scenario = {
    nodes: nodes ?? drawnNodes,
    latecomers: latecomers ?? drawnLatecomers,
    websocket: random.below(4) === 0,
    usual: {
      loss: pick(LOSSES),
      delayMs,
      jitterMs: random.below(2) === 0 ? 0 : random.float() * delayMs,
      duplicates: pick(DUPLICATES),
    },
    // A server that moves must be known to somebody first.
    faults: FAULT_KINDS.filter((kind) => random.float() < share && (settled || kind !== "move")),
    faultGapMs: 1_000 + random.below(15_000),
    writeGapMs: 100 + random.below(3_000),
    settled,
    durationMs: minutes * 60_000,
  };
  return { scenario, random, lateRandom };
}
