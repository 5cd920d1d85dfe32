import type { MemberUpdate, RecordRow } from "../cluster/mod.ts";
import { type RecordState, type Stamp, unpackRecord } from "../records/mod.ts";
import { type Mutation, type RecordStore, type RowKey, StoreError } from "../storage/mod.ts";

const RECORDS: RowKey = ["record"];
const MEMBERS: RowKey = ["member"];
const LINEAGE: RowKey = ["meta", "lineage"];
const COPYING: RowKey = ["meta", "copying"];
const FLOOR: RowKey = ["meta", "clock-floor"];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** What a server finds in its store at start. */
export interface Remembered {
  readonly lineage: string | undefined;
  /** It stopped before its first copy of the data set was whole. */
  readonly copying: boolean;
  readonly floor: Stamp | undefined;
  readonly members: MemberUpdate[];
  readonly records: Array<{ readonly state: RecordState; readonly packed: Uint8Array }>;
}

/** Reads everything into memory. @throws {StoreError} if a row cannot be read; the message names it. */
export async function readRemembered(store: RecordStore): Promise<Remembered> {
  const records: Remembered["records"] = [];
  for await (const { key, value } of store.list(RECORDS)) {
    records.push({ state: understood(key, () => unpackRecord(value)), packed: value });
  }
  const members: MemberUpdate[] = [];
  for await (const { key, value } of store.list(MEMBERS)) {
    members.push(understood(key, () => JSON.parse(decoder.decode(value))));
  }
  const text = async (key: RowKey) => {
    const value = await store.get(key);
    return value === undefined ? undefined : understood(key, () => decoder.decode(value));
  };
  const copying = await store.get(COPYING) !== undefined;
  return { lineage: await text(LINEAGE), copying, floor: await text(FLOOR), members, records };
}

/** One remembered member. @throws {StoreError} if its row cannot be read */
export async function readMember(store: RecordStore, id: string): Promise<MemberUpdate | undefined> {
  const key = [...MEMBERS, id];
  const value = await store.get(key);
  return value === undefined ? undefined : understood(key, () => JSON.parse(decoder.decode(value)));
}

function understood<T>(key: RowKey, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new StoreError(
      `Cannot read row "${key.join("/")}" of the database: ${(error as Error).message}. ` +
        `Restore a backup, or start with an empty data folder and let the cluster fill it again`,
    );
  }
}

/** The rows of one commit. */
export function commitRows(
  { rows, floor, lineage, copying }: {
    rows: readonly RecordRow[];
    floor: Stamp;
    lineage?: string;
    copying?: true;
  },
): Mutation[] {
  const mutations: Mutation[] = rows.map(({ kind, id, packed }) => ({ key: [...RECORDS, kind, id], value: packed }));
  mutations.push({ key: FLOOR, value: encoder.encode(floor) });
  if (lineage !== undefined) mutations.push({ key: LINEAGE, value: encoder.encode(lineage) });
  if (copying) mutations.push({ key: COPYING, value: encoder.encode("yes") });
  return mutations;
}

/** Says that the first copy of the data set is whole. */
export function copiedRows(): Mutation[] {
  return [{ key: COPYING }];
}

/** The rows that remember members. */
export function memberRows(members: Iterable<MemberUpdate>): Mutation[] {
  return [...members].map((member) => ({
    key: [...MEMBERS, member.id],
    value: encoder.encode(JSON.stringify(member)),
  }));
}
