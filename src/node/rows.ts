import type { MemberUpdate, RecordRow } from "../cluster/mod.ts";
import { isStamp, type RecordState, type Stamp, unpackRecord } from "../records/mod.ts";
import { type Mutation, NODE_ID_KEY as NODE_ID, type RecordStore, type RowKey, StoreError } from "../storage/mod.ts";

const RECORDS: RowKey = ["record"];
const MEMBERS: RowKey = ["member"];
const LINEAGE: RowKey = ["meta", "lineage"];
const COPYING: RowKey = ["meta", "copying"];
const FLOOR: RowKey = ["meta", "clock-floor"];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A row that holds what no knot wrote there; `value` is absent where its bytes cannot be had. */
export interface DamagedRow {
  readonly key: RowKey;
  readonly reason: string;
  readonly value?: Uint8Array;
}

/** What a server finds in its store at start. */
export interface Remembered {
  readonly lineage: string | undefined;
  /** It stopped before its first copy of the data set was whole. */
  readonly copying: boolean;
  readonly floor: Stamp | undefined;
  readonly members: MemberUpdate[];
  readonly records: Array<{ readonly state: RecordState; readonly packed: Uint8Array }>;
  /** Records and members that could not be read, and are not among the others. */
  readonly damaged: readonly DamagedRow[];
}

/** Reads everything into memory. @throws {StoreError} if a row that must be there cannot be read; the message names it. */
export async function readRemembered(store: RecordStore): Promise<Remembered> {
  const damaged: DamagedRow[] = [];
  const records: Remembered["records"] = [];
  for await (const [key, value] of wholeRows(store, RECORDS, damaged)) {
    attempt(key, value, damaged, () => records.push({ state: recordOf(key, value), packed: value }));
  }
  const members: MemberUpdate[] = [];
  for await (const [key, value] of wholeRows(store, MEMBERS, damaged)) {
    attempt(key, value, damaged, () => members.push(memberOf(key, value)));
  }
  const text = async (key: RowKey) => {
    const value = await store.get(key);
    return value === undefined ? undefined : understood(key, () => decoder.decode(value));
  };
  const copying = await store.get(COPYING) !== undefined;
  const floor = await text(FLOOR);
  if (floor !== undefined) understood(FLOOR, () => floorOf(floor));
  return { lineage: await text(LINEAGE), copying, floor, members, records, damaged };
}

/** One remembered member; undefined where its row cannot be read, too: gossip brings it again. */
export async function readMember(store: RecordStore, id: string): Promise<MemberUpdate | undefined> {
  const key = [...MEMBERS, id];
  const value = await store.get(key);
  if (value === undefined) return undefined;
  try {
    return memberOf(key, value);
  } catch {
    return undefined;
  }
}

/** Who the server of a store is, what it holds, and whom it knows; for a look before it starts. @throws {StoreError} */
export async function readOwnPlace(
  store: RecordStore,
): Promise<{ nodeId: string | undefined; lineage: string | undefined; members: MemberUpdate[] }> {
  const members: MemberUpdate[] = [];
  for await (const [key, value] of wholeRows(store, MEMBERS, [])) {
    attempt(key, value, [], () => members.push(memberOf(key, value)));
  }
  const text = async (key: RowKey) => {
    const value = await store.get(key);
    return value && decoder.decode(value);
  };
  return { nodeId: await text(NODE_ID), lineage: await text(LINEAGE), members };
}

/** The record of a row. @throws {Error} if it is none, or belongs under another key */
export function recordOf(key: RowKey, value: Uint8Array): RecordState {
  const state = unpackRecord(value);
  if (key.length !== 3 || state.kind !== key[1] || state.id !== key[2]) {
    throw new Error(`it holds ${state.kind} "${state.id}"`);
  }
  return state;
}

/** The member of a row. @throws {Error} if it is none, or belongs under another key */
export function memberOf(key: RowKey, value: Uint8Array): MemberUpdate {
  const member: MemberUpdate = JSON.parse(decoder.decode(value));
  if (typeof member !== "object" || member === null || member.id !== key[1]) throw new Error("it holds no such member");
  if (typeof member.state !== "string" || !Number.isSafeInteger(member.incarnation)) {
    throw new Error("it holds half a member");
  }
  return member;
}

/** The clock's floor. @throws {Error} if it is no stamp */
export function floorOf(text: string): Stamp {
  if (!isStamp(text)) throw new Error("it holds no stamp");
  return text;
}

async function* wholeRows(
  store: RecordStore,
  prefix: RowKey,
  damaged: DamagedRow[],
): AsyncGenerator<readonly [RowKey, Uint8Array]> {
  const rows = store.list(prefix, { damaged: (key, reason) => damaged.push({ key, reason }) });
  for await (const { key, value } of rows) yield [key, value];
}

function attempt(key: RowKey, value: Uint8Array, damaged: DamagedRow[], read: () => void): void {
  try {
    read();
  } catch (error) {
    damaged.push({ key, value, reason: (error as Error).message });
  }
}

function understood<T>(key: RowKey, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new StoreError(
      `Cannot read row "${key.join("/")}" of the database: ${(error as Error).message}. ` +
        `Put a backup of the file in its place, or start once with "knot server --reseed" and let the cluster fill it again`,
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
  if (copying) mutations.push(copyingRow());
  return mutations;
}

/** Says that the copy of the data set is not whole. */
export function copyingRow(): Mutation {
  return { key: COPYING, value: encoder.encode("yes") };
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
