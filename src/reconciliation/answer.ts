import type { ReconciliationMessage, RecordKey } from "./message.ts";

/** Packed bytes sent in answer to one message, and in one message; at least one record goes. The rest is found again. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const MESSAGE_BYTES_MAX = 512 * 1024;
/** Records of one message: two commits of the receiver. */
const MESSAGE_RECORDS_MAX = 800;

/** Records that go to another server, in messages of bounded size. */
export function recordMessages(
  keys: Iterable<RecordKey>,
  packed: (key: RecordKey) => Uint8Array | undefined,
  { tag, session, isAnswer }: { tag: string; session: number; isAnswer: boolean },
): Array<Extract<ReconciliationMessage, { kind: "records" }>> {
  const batches: Uint8Array[][] = [];
  let messageBytes = Infinity, answerBytes = 0, more = false;
  for (const key of keys) {
    const record = packed(key);
    if (record === undefined) continue;
    more = answerBytes > 0 && answerBytes + record.length > ANSWER_BYTES_MAX;
    if (more) break;
    if (messageBytes + record.length > MESSAGE_BYTES_MAX || batches[batches.length - 1].length >= MESSAGE_RECORDS_MAX) {
      batches.push([]);
      messageBytes = 0;
    }
    batches[batches.length - 1].push(record);
    messageBytes += record.length;
    answerBytes += record.length;
  }
  const of = isAnswer ? batches.length : 0;
  return batches.map((records) => ({ kind: "records", tag, session, of, more, records }));
}

/** Records of one kind in id order, from the first on, as many as one message may carry. */
export function partOf(
  ids: Iterable<string>,
  packed: (id: string) => Uint8Array | undefined,
): { records: Uint8Array[]; next: string | null } {
  const records: Uint8Array[] = [];
  let bytes = 0;
  for (const id of ids) {
    const record = packed(id);
    if (record === undefined) continue;
    const isFull = records.length >= MESSAGE_RECORDS_MAX || bytes + record.length > MESSAGE_BYTES_MAX;
    if (records.length > 0 && isFull) return { records, next: id };
    records.push(record);
    bytes += record.length;
  }
  return { records, next: null };
}
