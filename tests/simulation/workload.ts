import type { Random } from "../../src/base/mod.ts";
import type { RecordKind, Write } from "../../src/records/mod.ts";
import { type Ledger, UNIQUE_MARK } from "./ledger.ts";
import type { SimulatedServer } from "./simulated_server.ts";
import type { Simulation } from "./simulation.ts";

/** Names that everybody would like to have: made on two sides of a partition, they clash. */
const WANTED_NAMES = 6;
/** Elements of the sets that are edited: few, so that the same ones are added and taken away at many servers. */
const ZONES = 5;
/** Records of a run at most: more make a run slower, and find no more. */
const RECORDS_MAX = 300;
/** A value that fits no datagram, and one that is cut into several pieces by compression and framing; in characters. */
const LARGE_VALUES = [2_000, 20_000];

/** The last one is of a version to come: nobody here knows it. */
const KINDS: readonly RecordKind[] = ["template_variable", "user", "group", "gadget"];

/** Random writes at random servers: creates, edits, renames, deletes, and names that clash. */
export class Workload {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #ledger: Ledger;
  #created = 0;
  #values = 0;

  constructor(simulation: Simulation, random: Random, ledger: Ledger) {
    this.#simulation = simulation;
    this.#random = random;
    this.#ledger = ledger;
  }

  /** One write at one server that is awake; its answer comes later. */
  write(): void {
    const awake = this.#simulation.running.filter(({ gate }) => !gate.isPaused);
    if (awake.length === 0) return;
    const server = this.#pick(awake);
    const writes = this.#choose(server);
    if (writes === undefined) return;
    this.#ledger.tried(writes);
    void server.node!.write(writes).then((outcome) => this.#ledger.answered(server, writes, outcome));
  }

  #choose(server: SimulatedServer): Write[] | undefined {
    const choice = this.#random.below(100);
    if (choice < 40) return this.#created < RECORDS_MAX ? [this.#create()] : undefined;
    if (choice < 45) return this.#created < RECORDS_MAX ? [this.#create(), this.#create()] : undefined;
    const kind = this.#pick(KINDS);
    const records = server.node!.list(kind);
    if (records.length === 0) return undefined;
    const { id, sets } = this.#pick(records);
    if (choice < 70) return [{ op: "update", kind, id, fields: { [valueField(kind)]: this.#value() } }];
    if (choice < 80) return [{ op: "update", kind, id, fields: { [nameField(kind)]: this.#name() } }];
    if (choice < 90 && kind !== "group") {
      const set = kind === "user" ? "groups" : "zones";
      return [{ op: "update", kind, id, sets: { [set]: this.#toggled(sets[set] ?? []) } }];
    }
    return [{ op: "delete", kind, id }];
  }

  #create(): Write {
    this.#created++;
    const kind = this.#pick(KINDS);
    const fields = { [nameField(kind)]: this.#name(), [valueField(kind)]: this.#value() };
    return { op: "create", kind, id: this.#simulation.id(), fields };
  }

  #name(): string {
    return this.#random.below(4) === 0 ? `wanted${this.#random.below(WANTED_NAMES)}` : this.#unique("name");
  }

  #value(): string {
    const choice = this.#random.below(40);
    return choice < LARGE_VALUES.length
      ? this.#unique("x".repeat(LARGE_VALUES[choice]))
      : this.#unique("value".repeat(1 + this.#random.below(10)));
  }

  #unique(text: string): string {
    return `${text}${UNIQUE_MARK}${this.#values++}`;
  }

  #toggled(elements: readonly string[]): string[] {
    const zone = `zone${this.#random.below(ZONES)}`;
    return elements.includes(zone) ? elements.filter((element) => element !== zone) : [...elements, zone];
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)];
  }
}

function nameField(kind: RecordKind): string {
  return kind === "user" ? "username" : "name";
}

function valueField(kind: RecordKind): string {
  return kind === "user" ? "email" : "value";
}
