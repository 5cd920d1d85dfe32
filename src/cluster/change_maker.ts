import {
  mergeRecords,
  packRecord,
  readingAtEndOf,
  RecordFormatError,
  type RecordKind,
  type RecordState,
  STAMP_AHEAD_MS_MAX,
  upTo,
} from "../records/mod.ts";
import type { RecordRow } from "./effect.ts";
import type { Change, Copy } from "./job.ts";
import { type Quarantine, shownFromMs } from "./quarantine.ts";
import type { RecordTable } from "./record_table.ts";

/** Makes what a commit changes of one record, with regard to what of it is of the future. */
export class ChangeMaker {
  constructor(
    private readonly table: RecordTable,
    private readonly quarantine: Quarantine,
    private readonly port: {
      wallMs(): number;
      log(level: "warn", message: string, fields: Record<string, unknown>): void;
    },
  ) {}

  /** What a writer sees of a record, in a commit that has made `earlier` of it so far. */
  shown(kind: RecordKind, id: string, earlier: Change | undefined): RecordState | undefined {
    if (earlier === undefined) return this.table.shownState(kind, id);
    return earlier.aside === undefined ? earlier.state : earlier.aside.shown;
  }

  /** Whether its newest stamp is too far ahead to be shown. */
  isAhead(state: RecordState): boolean {
    return shownFromMs(state) > this.port.wallMs();
  }

  /** What of a record is not of the future. */
  presentOf(state: RecordState): RecordState | undefined {
    return upTo(state, readingAtEndOf(Math.floor(this.port.wallMs()) + STAMP_AHEAD_MS_MAX));
  }

  /** What a commit that has made `earlier` of a record makes of one of which `shown` is to be seen; what is of the future stays. */
  written(shown: RecordState, earlier: Change | undefined): Change | undefined {
    const { kind, id } = shown;
    const whole = this.table.isAside(kind, id) ? earlier?.state ?? this.table.state(kind, id) : undefined;
    if (whole === undefined) return { state: shown, packed: packRecord(shown) };
    const state = mergeRecords(whole, shown);
    const packed = this.#packed(state);
    if (typeof packed === "string") return undefined;
    return { state, packed, ...(this.isAhead(state) && { aside: { shown } }) };
  }

  /** What a commit makes of a record that another server's copy was merged into; undefined, and logged, when it has no room here. */
  received(
    merged: RecordState,
    copy: Copy,
    { earlier, from }: { earlier: Change | undefined; from: string },
  ): Change | undefined {
    const { kind, id } = merged;
    const packed = merged === copy.state ? copy.packed : this.#packed(merged);
    if (typeof packed === "string") {
      this.port.log("warn", "Cannot merge a record of another server: it is too large", {
        from,
        recordKind: kind,
        id,
        reason: packed,
      });
      return undefined;
    }
    if (!this.isAhead(merged)) return { state: merged, packed };
    if (!this.quarantine.hasRoom(kind, id, packed.length)) {
      this.port.log("warn", "Refused records from the future, too many wait for their time: check the clocks", {
        from,
      });
      return undefined;
    }
    this.port.log("warn", "Set aside records from the future: check the clocks", { from });
    const before = this.shown(kind, id, earlier);
    const present = this.presentOf(copy.state);
    // A part of a record is not shown where there was none.
    const shown = before === undefined || present === undefined ? before : mergeRecords(before, present);
    return { state: merged, packed, aside: { shown } };
  }

  /** The record's row holds what is shown; what waits for its time has one beside it. */
  rowsOf({ state: { kind, id }, packed, aside }: Change): RecordRow[] {
    if (aside !== undefined) {
      const shown = aside.shown === undefined ? undefined : packRecord(aside.shown);
      return [{ kind, id, packed: shown }, { kind, id, packed, isAside: true }];
    }
    if (!this.table.isAside(kind, id)) return [{ kind, id, packed }];
    return [{ kind, id, packed }, { kind, id, packed: undefined, isAside: true }];
  }

  /** A merge of many sides may pass the limits that each of them kept; then ours stays as it is, and the reason is given. */
  #packed(merged: RecordState): Uint8Array | string {
    try {
      return packRecord(merged);
    } catch (error) {
      if (!(error instanceof RecordFormatError)) throw error;
      return error.message;
    }
  }
}
