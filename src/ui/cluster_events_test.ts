import assert from "node:assert/strict";
import { OPERATOR, Permission } from "../accounts/mod.ts";
import { memberStatus, type UiBench, uiBench } from "../../tests/fakes/ui_bench.ts";

const SELF = memberStatus("au", { self: true });

Deno.test("the stream brings the whole picture first, then only the rows that changed", async () => {
  await using bench = await uiBench();
  bench.node.setStatus({ clustered: true, members: [SELF, memberStatus("gb"), memberStatus("us")] });
  const root = await bench.visitor("root");
  const events = readEvents(await root.get("/cluster-info/events"));
  const first = await next(bench, events);
  assert.equal(first.order.length, 3);
  assert.equal(Object.keys(first.rows).length, 3);
  assert.match(first.picture, /^<svg/);
  bench.node.setStatus({ members: [SELF, memberStatus("gb", { state: "dead" }), memberStatus("us")] });
  const second = await next(bench, events);
  assert.deepEqual(Object.keys(second.rows).length, 1);
  assert.match(Object.values<string>(second.rows)[0], /data-state="dead"/);
  assert.match(second.summary, /one does not answer/);
  assert.match(second.picture, /link dead/);
  bench.node.setStatus({ members: [SELF, memberStatus("gb", { state: "dead" })] });
  const third = await next(bench, events);
  assert.deepEqual([third.order.length, Object.keys(third.rows).length], [2, 0]);
  await events.return?.(undefined);
});

Deno.test("a visitor who loses the permission is told to go, and the stream ends", async () => {
  await using bench = await uiBench();
  bench.node.setStatus({ clustered: true, members: [SELF] });
  const role = await bench.role("Watchers", [Permission.ViewClusterInfo]);
  await bench.user("ann", { roles: [role] });
  const events = readEvents(await (await bench.visitor("ann")).get("/cluster-info/events"));
  await next(bench, events);
  await bench.accounts.roles.update(OPERATOR, role, { permissions: [] });
  const last = await moving(bench, events.next());
  assert.equal(last.value?.event, "end");
  assert.equal((await moving(bench, events.next())).done, true);
});

Deno.test("close() ends every stream and leaves no listener behind", async () => {
  await using bench = await uiBench();
  bench.node.setStatus({ clustered: true, members: [SELF] });
  const before = bench.node.listeners;
  const root = await bench.visitor("root");
  const events = readEvents(await root.get("/cluster-info/events"));
  await next(bench, events);
  assert.equal(bench.node.listeners, before + 1);
  bench.ui.close();
  assert.equal((await moving(bench, events.next())).done, true);
  assert.equal(bench.node.listeners, before);
  assert.equal((await root.get("/cluster-info/events")).status, 503);
});

Deno.test("more open pages than the limit are refused, and closed ones make room", async () => {
  await using bench = await uiBench();
  bench.node.setStatus({ clustered: true, members: [SELF] });
  const root = await bench.visitor("root");
  const open: Response[] = [];
  let refused: Response | undefined;
  while (refused === undefined && open.length < 1_000) {
    const answer = await root.get("/cluster-info/events");
    if (answer.status === 200) open.push(answer);
    else refused = answer;
  }
  assert.equal(refused?.status, 503);
  assert.equal(open.length, 100);
  await open[0].body?.cancel();
  const again = await moving(bench, root.get("/cluster-info/events"));
  assert.equal(again.status, 200);
});

type Event = { event: string; data: string };

/** Parses server-sent events as they come (HTML §9.2.6, the part that is used here). */
async function* readEvents(answer: Response): AsyncGenerator<Event, undefined> {
  assert.equal(answer.headers.get("Content-Type"), "text/event-stream");
  let text = "";
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      if (field("event") !== "") yield { event: field("event"), data: field("data") };
    }
  }
}

async function next(bench: UiBench, events: AsyncGenerator<Event, undefined>) {
  const { value } = await moving(bench, events.next());
  assert.equal(value?.event, "cluster");
  return JSON.parse(value!.data);
}

/** Waits for `promise` while the bench's clock runs. */
async function moving<T>(bench: UiBench, promise: Promise<T>): Promise<T> {
  let settled = false;
  promise.finally(() => settled = true).catch(() => {});
  for (const deadlineMs = Date.now() + 5_000; !settled && Date.now() < deadlineMs;) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!settled) bench.clock.advance(100);
  }
  return await promise;
}
