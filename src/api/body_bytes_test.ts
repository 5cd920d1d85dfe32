import assert from "node:assert/strict";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { readBytes, readWhole } from "./body_bytes.ts";

const bytes = (...numbers: number[]) => Uint8Array.from(numbers);
const limits = { bytesMax: 4, withinMs: 1_000 };

Deno.test("readBytes() joins what comes, up to the bound", async () => {
  const body = (...chunks: Uint8Array[]) => ReadableStream.from(chunks);
  assert.deepEqual(await readBytes(null, limits), bytes());
  assert.deepEqual(await readBytes(body(bytes(1, 2), bytes(3, 4)), limits), bytes(1, 2, 3, 4));
  assert.equal(await readBytes(body(bytes(1, 2), bytes(3, 4, 5)), limits), "too_long");
});

Deno.test("readBytes() does not wait longer than it was told", async () => {
  const clock = new VirtualClock();
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes(1)),
    cancel: () => void (cancelled = true),
  });
  const reading = readBytes(body, { ...limits, clock });
  await Promise.resolve();
  clock.advance(1_000);
  assert.equal(await reading, "late");
  assert.deepEqual([cancelled, clock.timers], [true, 0]);
});

Deno.test("readBytes() takes a client that went away for what it is", async () => {
  const clock = new VirtualClock();
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("BadResource")) });
  assert.equal(await readBytes(body, { ...limits, clock }), "broken_off");
  assert.equal(clock.timers, 0);
});

Deno.test("readWhole() takes a body as one, and waits for it no longer than it was told", async () => {
  const clock = new VirtualClock();
  const request = new Request("http://localhost/", { method: "POST", body: bytes(1, 2, 3) });
  assert.deepEqual(await readWhole(request, { withinMs: 1_000, clock }), bytes(1, 2, 3));
  const stuck = readWhole({ bytes: () => new Promise(() => {}) }, { withinMs: 1_000, clock });
  clock.advance(1_000);
  assert.equal(await stuck, "late");
  assert.equal(clock.timers, 0);
});

Deno.test("readWhole() takes a client that went away for what it is", async () => {
  const clock = new VirtualClock();
  const broken = { bytes: () => Promise.reject(new Error("BadResource")) };
  assert.equal(await readWhole(broken, { withinMs: 1_000, clock }), "broken_off");
  assert.equal(clock.timers, 0);
});
