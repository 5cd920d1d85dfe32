import assert from "node:assert/strict";
import { seededRandom } from "../base/mod.ts";
import type { Member } from "../membership/mod.ts";
import type { SurveyMessage } from "./message.ts";
import { Survey } from "./survey.ts";
import { Timers } from "./timers.ts";

/** Servers with a survey each; messages over a link in `cut` ("ac": between a and c) are lost. */
function world(names: string, cut: readonly string[]) {
  const timers = new Timers();
  const sent: Array<readonly [from: string, to: string, message: SurveyMessage]> = [];
  const told: string[] = [];
  const members = [...names].map((id) => ({ id, state: "alive" })) as Member[];
  const queue: Array<() => void> = [];
  let nowMs = 0;
  const send = (from: string, to: string, message: SurveyMessage) => {
    sent.push([from, to, message]);
    if (cut.some((link) => link.includes(from) && link.includes(to))) return;
    queue.push(() => tell(to, from, message));
  };
  const tell = (to: string, from: string, message: SurveyMessage) =>
    surveys.get(to)!.receive(from, message, (answer) => send(to, from, answer));
  const surveys = new Map([...names].map((self) => [
    self,
    new Survey({
      self,
      random: seededRandom(1),
      after: (delayMs, callback) => void timers.at(nowMs + delayMs, callback),
      member: (id) => members.find((member) => member.id === id),
      members: () => members,
      opinions: () =>
        members.filter(({ id }) => id !== self).map(({ id }) => ({
          id,
          state: "alive",
          path: cut.some((link) => link.includes(self) && link.includes(id)) ? "relayed" : "packets",
          roundTripMs: 1,
          silentMs: 1,
        })),
      send: (to, message) => send(self, to, message),
      informed: (from, request) => void told.push(`${self}${request}: ${from}`),
    }),
  ]));
  const run = (untilMs: number) => {
    nowMs = untilMs;
    do {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
      timers.run(untilMs);
    } while (queue.length > 0);
  };
  return { surveys, tell, run, told, sent };
}

Deno.test("Survey.ask() hears each member once, at once where all can be reached", () => {
  const { surveys, run, told, sent } = world("abc", []);
  surveys.get("a")!.ask(7);
  run(0);
  assert.deepEqual(told, ["a7: b", "a7: c"]);
  run(5_000);
  assert.equal(told.length, 2);
  assert.equal(sent.length, 4, "nobody was asked twice");
});

Deno.test("Survey.ask() hears a member that only others reach through them, once", () => {
  const { surveys, run, told } = world("abcd", ["ac"]);
  surveys.get("a")!.ask(7);
  run(299);
  assert.deepEqual(told, ["a7: b", "a7: d"]);
  run(300);
  assert.deepEqual(told, ["a7: b", "a7: d", "a7: c"]);
});

Deno.test("Survey does not send a question round: whoever cannot be reached by the helper either is not heard", () => {
  const { surveys, tell, run, told, sent } = world("abc", ["ac", "bc"]);
  surveys.get("a")!.ask(7);
  run(5_000);
  assert.deepEqual(told, ["a7: b"]);
  assert.equal(sent.length, 3, "a asks b and c, b answers and says that it does not reach c");
  tell("b", "a", { kind: "opinions_req", request: 9, target: "c" });
  run(10_000);
  const [from, to, asked] = sent[3];
  const target = "target" in asked ? asked.target : undefined;
  assert.deepEqual([from, to, target, sent.length], ["b", "c", undefined, 4], "c could not pass it on again");
});

Deno.test("Survey takes no answers that it did not ask for, and none for a stranger", () => {
  const { surveys, tell, run, told } = world("abc", ["ac"]);
  const a = surveys.get("a")!;
  tell("a", "b", { kind: "opinions", request: 1, opinions: [] });
  a.ask(7);
  tell("a", "b", { kind: "opinions", request: 1, of: "nobody", opinions: [] });
  tell("a", "b", { kind: "opinions", request: 99, opinions: [] });
  assert.deepEqual(told, []);
  tell("b", "a", { kind: "opinions_req", request: 5, target: "nobody" });
  tell("b", "a", { kind: "opinions_req", request: 1, target: "c" });
  // Another server at the address of c answers in its place.
  tell("b", "a", { kind: "opinions", request: 1, opinions: [] });
  run(0);
  assert.deepEqual(told, ["a7: b", "a7: c"], "the answer of c itself is still waited for");
});
