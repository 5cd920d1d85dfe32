import { departureOf, type RecordState } from "../records/mod.ts";
import { Departures } from "./departures.ts";
import { RecordTable } from "./record_table.ts";

/** A record, and the bytes that it was read from. */
export interface PackedRecord {
  readonly state: RecordState;
  readonly packed: Uint8Array;
}

/**
 * What a starting server takes from its store: one record after the other, of which nothing but its bytes and its place in each index
 * stays, so that all of them are never in memory taken apart. The core goes on with it.
 */
export class LoadedRecords {
  readonly table = new RecordTable();
  readonly departures = new Departures();
  /** The newest versions of records that wait for their time. */
  readonly aside: PackedRecord[] = [];

  /** @param lineage keys the fingerprints; "" where there is none yet */
  constructor(lineage: string) {
    this.table.setLineage(lineage);
  }

  /** Takes in one that was on disk; its bytes are copied. */
  put({ state, packed }: PackedRecord): void {
    this.table.put(state, packed);
    this.track(state);
  }

  /** A record is in the table: remembers when it departs. */
  track(state: RecordState): void {
    const due = departureOf(state);
    if (due !== undefined) this.departures.add({ due, kind: state.kind, id: state.id });
  }
}
