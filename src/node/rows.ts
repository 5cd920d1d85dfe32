import {
  type Agreement,
  type Boot,
  type Effect,
  type Kept,
  LoadedRecords,
  type PackedRecord,
  type RecordKey,
  type RememberedMember,
  type Unsettled,
} from "../cluster/mod.ts";
import {
  isReading,
  isStamp,
  NO_READING,
  type Reading,
  type RecordState,
  type Stamp,
  unpackRecord,
} from "../records/mod.ts";
import {
  type Mutation,
  NODE_ID_KEY as NODE_ID,
  type RecordStore,
  type Row,
  type RowKey,
  StoreError,
} from "../storage/mod.ts";

const RECORDS: RowKey = ["record"];
const MEMBERS: RowKey = ["member"];
const LINEAGE: RowKey = ["meta", "lineage"];
const COPYING: RowKey = ["meta", "copying"];
const FLOOR: RowKey = ["meta", "clock-floor"];
const HORIZON: RowKey = ["meta", "horizon"];
const UNSETTLED: RowKey = ["meta", "unsettled"];
const SETTLED: RowKey = ["meta", "settled"];
const BOOTS: RowKey = ["meta", "boots"];
const GRAVES: RowKey = ["grave"];
const AGREEMENTS: RowKey = ["agreement"];
const ASIDE: RowKey = ["aside"];

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
  readonly members: RememberedMember[];
  readonly records: LoadedRecords;
  /** Records and members that could not be read, and are not among the others. */
  readonly damaged: readonly DamagedRow[];
  readonly horizon: Reading;
  readonly unsettled: Unsettled | undefined;
  readonly settledAt: Reading | undefined;
  /** Names of records that were deleted by a cluster to which their author did not belong any more. */
  readonly graves: RecordKey[];
  /** Former starts of this data folder, the latest last. */
  readonly boots: Boot[];
  readonly agreements: Agreement[];
}

/** Reads everything into memory. @throws {StoreError} if a row that must be there cannot be read; the message names it. */
export async function readRemembered(store: RecordStore): Promise<Remembered> {
  const damaged: DamagedRow[] = [];
  const text = async (key: RowKey) => {
    const value = await store.get(key);
    return value === undefined ? undefined : understood(key, () => decoder.decode(value));
  };
  const lineage = await text(LINEAGE);
  const records = new LoadedRecords(lineage ?? "");
  const readUnder = async (prefix: RowKey, take: (record: PackedRecord) => void) => {
    for await (const { key, value } of wholeRows(store, prefix, damaged)) {
      let state: RecordState | undefined;
      attempt(key, value, damaged, () => state = recordOf(key, value));
      if (state !== undefined) take({ state, packed: value });
    }
  };
  await readUnder(RECORDS, (record) => records.put(record));
  await readUnder(ASIDE, (record) => records.aside.push(record));
  const members: RememberedMember[] = [];
  for await (const { key, value } of wholeRows(store, MEMBERS, damaged)) {
    attempt(key, value, damaged, () => members.push(memberOf(key, value)));
  }
  const agreements: Agreement[] = [];
  for await (const { key, value } of wholeRows(store, AGREEMENTS, damaged)) {
    attempt(key, value, damaged, () => agreements.push(agreementOf(key, value)));
  }
  const graves: RecordKey[] = [];
  for await (const { key } of wholeRows(store, GRAVES, damaged)) graves.push([key[1], key[2]]);
  const copying = await store.get(COPYING) !== undefined;
  const floor = await text(FLOOR);
  if (floor !== undefined) understood(FLOOR, () => floorOf(floor));
  const horizon = await text(HORIZON) ?? NO_READING;
  understood(HORIZON, () => readingFrom(horizon));
  const settledAt = await text(SETTLED);
  if (settledAt !== undefined) understood(SETTLED, () => readingFrom(settledAt));
  const [boots, unsettled] = [await store.get(BOOTS), await store.get(UNSETTLED)];
  return {
    lineage,
    copying,
    floor,
    members,
    records,
    damaged,
    horizon,
    unsettled: unsettled === undefined ? undefined : understood(UNSETTLED, () => JSON.parse(decoder.decode(unsettled))),
    settledAt,
    graves,
    boots: boots === undefined ? [] : understood(BOOTS, () => JSON.parse(decoder.decode(boots))),
    agreements,
  };
}

/** One remembered member; undefined where its row cannot be read, too: gossip brings it again. */
export async function readMember(store: RecordStore, id: string): Promise<RememberedMember | undefined> {
  const members: RememberedMember[] = [];
  for await (const { key, value } of wholeRows(store, [...MEMBERS, id], [])) {
    attempt(key, value, [], () => members.push(memberOf(key, value)));
  }
  return members[0];
}

/** Who the server of a store is, what it holds, and whom it knows; for a look before it starts. @throws {StoreError} */
export async function readOwnPlace(
  store: RecordStore,
): Promise<{ nodeId: string | undefined; lineage: string | undefined; members: RememberedMember[] }> {
  const members: RememberedMember[] = [];
  for await (const { key, value } of wholeRows(store, MEMBERS, [])) {
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
export function memberOf(key: RowKey, value: Uint8Array): RememberedMember {
  const member: RememberedMember = JSON.parse(decoder.decode(value));
  if (typeof member !== "object" || member === null || member.id !== key[1]) throw new Error("it holds no such member");
  if (typeof member.state !== "string" || !Number.isSafeInteger(member.incarnation)) {
    throw new Error("it holds half a member");
  }
  if (member.goneSinceMs !== undefined && !Number.isSafeInteger(member.goneSinceMs)) {
    throw new Error("it holds no time since when the member is gone");
  }
  return member;
}

/** The agreement of a row. @throws {Error} if it is none, or belongs under another key */
export function agreementOf(key: RowKey, value: Uint8Array): Agreement {
  const agreement: Agreement = JSON.parse(decoder.decode(value));
  if (typeof agreement !== "object" || agreement === null || agreement.id !== key[1]) {
    throw new Error("it holds no such agreement");
  }
  if (
    ![agreement.reading, agreement.floor, agreement.bootId].every((text) => typeof text === "string" && isReading(text))
  ) {
    throw new Error("it holds half an agreement");
  }
  return agreement;
}

/** A clock reading, as the horizon is one. @throws {Error} if it is none */
export function readingFrom(text: string): Reading {
  if (!isReading(text)) throw new Error("it holds no clock reading");
  return text;
}

/** The clock's floor. @throws {Error} if it is no stamp */
export function floorOf(text: string): Stamp {
  if (!isStamp(text)) throw new Error("it holds no stamp");
  return text;
}

function wholeRows(store: RecordStore, prefix: RowKey, damaged: DamagedRow[]): AsyncIterable<Row> {
  return store.list(prefix, { damaged: (key, reason, value) => damaged.push({ key, reason, value }) });
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
  { rows, floor, lineage, copying, horizon }: Omit<Extract<Effect, { kind: "commit" }>, "kind" | "token">,
): Mutation[] {
  const mutations: Mutation[] = rows.map(({ kind, id, packed, isAside }) => ({
    key: [...(isAside ? ASIDE : RECORDS), kind, id],
    value: packed,
  }));
  mutations.push({ key: FLOOR, value: encoder.encode(floor) });
  if (lineage !== undefined) mutations.push({ key: LINEAGE, value: encoder.encode(lineage) });
  if (copying) mutations.push(copyingRow());
  if (horizon !== undefined) mutations.push({ key: HORIZON, value: encoder.encode(horizon) });
  return mutations;
}

/** The rows of what is remembered of the horizon; lost edits have their own. */
export function keptRows({ horizon, unsettled, settledAt, boots, agreements = [], graves }: Kept): Mutation[] {
  const mutations: Mutation[] = agreements.map((agreement) => json([...AGREEMENTS, agreement.id], agreement));
  for (const key of graves?.dug ?? []) mutations.push({ key: [...GRAVES, ...key], value: new Uint8Array() });
  for (const key of graves?.levelled ?? []) mutations.push({ key: [...GRAVES, ...key] });
  if (horizon !== undefined) mutations.push({ key: HORIZON, value: encoder.encode(horizon) });
  if (unsettled !== undefined) mutations.push(unsettled === null ? { key: UNSETTLED } : json(UNSETTLED, unsettled));
  if (settledAt !== undefined) mutations.push({ key: SETTLED, value: encoder.encode(settledAt) });
  if (boots !== undefined) mutations.push(json(BOOTS, boots));
  return mutations;
}

/** What a data folder says that comes back under another node id: its data has to agree with the cluster's first. */
export function comeBackRows(): Mutation[] {
  return keptRows({ unsettled: { knownUpTo: NO_READING } });
}

function json(key: RowKey, value: unknown): Mutation {
  return { key, value: encoder.encode(JSON.stringify(value)) };
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
export function memberRows(members: Iterable<RememberedMember>): Mutation[] {
  return [...members].map((member) => ({
    key: [...MEMBERS, member.id],
    value: encoder.encode(JSON.stringify(member)),
  }));
}
