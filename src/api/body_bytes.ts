import { type Clock, systemClock } from "../base/mod.ts";

/** Bodies of at most so many announced bytes are taken whole: the runtime takes no more than was announced. */
export const WHOLE_BYTES_MAX = 64 * 1024;

/**
 * The bytes of a short body; why there are none else: not there within `withinMs`, or the client went away. The runtime hands them over at
 * once, which costs a fraction of a stream.
 */
export async function readWhole(
  request: Pick<Request, "bytes">,
  { withinMs, clock = systemClock }: { withinMs: number; clock?: Clock },
): Promise<Uint8Array<ArrayBuffer> | "late" | "broken_off"> {
  const late = Promise.withResolvers<"late">();
  const cancel = clock.after(withinMs, () => late.resolve("late"));
  try {
    return await Promise.race([request.bytes().catch(() => "broken_off" as const), late.promise]);
  } finally {
    cancel();
  }
}

/** The body's bytes; why there are none else: more than `bytesMax`, not there within `withinMs`, or the client went away. */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  { bytesMax, withinMs, clock = systemClock }: { bytesMax: number; withinMs: number; clock?: Clock },
): Promise<Uint8Array<ArrayBuffer> | "too_long" | "late" | "broken_off"> {
  const reader = body?.getReader();
  const late = Promise.withResolvers<"late">();
  const cancel = clock.after(withinMs, () => late.resolve("late"));
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (reader !== undefined) {
      const next = await Promise.race([reader.read(), late.promise]);
      if (next === "late") return "late";
      if (next.done) break;
      length += next.value.length;
      if (length > bytesMax) return "too_long";
      chunks.push(next.value);
    }
  } catch {
    return "broken_off";
  } finally {
    cancel();
    reader?.cancel().catch(() => {}); // Whatever else the client sends is nobody's.
  }
  return joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
