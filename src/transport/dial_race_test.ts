import assert from "node:assert/strict";
import { VirtualClock } from "../../tests/fakes/virtual_clock.ts";
import { raceToConnect, STAGGER_MS } from "./dial_race.ts";

/** Lets everything that waits for a promise run on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp(hosts: string[]) {
  const clock = new VirtualClock(0);
  const pending = new Map<string, PromiseWithResolvers<string> & { signal: AbortSignal }>();
  const discarded: string[] = [];
  const controller = new AbortController();
  const outcome = raceToConnect({
    targets: hosts.map((host) => ({ host, port: 1 })),
    clock,
    signal: controller.signal,
    connect(target, signal) {
      const attempt = { ...Promise.withResolvers<string>(), signal };
      pending.set(target.host, attempt);
      return attempt.promise;
    },
    discard: (late) => discarded.push(late),
  });
  return { clock, pending, discarded, controller, outcome };
}

Deno.test("raceToConnect() starts the next address when the first is silent for 250 ms, and takes the first answer", async () => {
  const { clock, pending, discarded, outcome } = setUp(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  clock.advance(STAGGER_MS - 1);
  assert.equal(pending.size, 1);
  clock.advance(1);
  assert.equal(pending.size, 2);
  pending.get("10.0.0.2")!.resolve("second");
  assert.equal(await outcome, "second");
  assert.ok(pending.get("10.0.0.1")!.signal.aborted);
  assert.ok(!pending.get("10.0.0.2")!.signal.aborted, "its signal would close the connection that won");
  pending.get("10.0.0.1")!.resolve("first, too late");
  await settled();
  assert.deepEqual(discarded, ["first, too late"]);
  assert.equal(clock.timers, 0);
});

Deno.test("raceToConnect() goes on at once when an address refuses, and names all causes when none is left", async () => {
  const { pending, clock, outcome } = setUp(["10.0.0.1", "::1"]);
  pending.get("10.0.0.1")!.reject(new Deno.errors.ConnectionRefused("refused"));
  await settled();
  pending.get("::1")!.reject(new Error("Network is unreachable (os error 101)"));
  await assert.rejects(outcome, {
    message: "10.0.0.1:1 refused the connection; [::1]:1 failed: Network is unreachable",
  });
  assert.equal(clock.timers, 0);
});

Deno.test("raceToConnect() ends with the signal's reason, and closes what still comes", async () => {
  const { pending, discarded, controller, outcome } = setUp(["10.0.0.1"]);
  controller.abort(new Error("time is up"));
  await assert.rejects(outcome, /time is up/);
  pending.get("10.0.0.1")!.resolve("late");
  await settled();
  assert.deepEqual(discarded, ["late"]);
});
