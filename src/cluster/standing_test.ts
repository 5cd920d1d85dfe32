import assert from "node:assert/strict";
import type { Contact } from "../membership/mod.ts";
import { contactReach, labels, shortIds } from "./standing.ts";

Deno.test("shortIds() gives the shortest ends that tell ids apart, six digits at least", () => {
  const ids = ["00-1234567890", "00-9934567890", "00-1234567891", "00-aaaaaaaaaa"];
  assert.deepEqual([...shortIds(ids)].sort(), [
    ["00-1234567890", "234567890"],
    ["00-1234567891", "567891"],
    ["00-9934567890", "934567890"],
    ["00-aaaaaaaaaa", "aaaaaa"],
  ]);
  assert.deepEqual([...shortIds([])], []);
});

Deno.test("labels() are zones, and the short id behind where a zone occurs twice or is not known", () => {
  const members = [["1111111", "au"], ["2222222", "gb"], ["3333333", "gb"], ["4444444", undefined]].map((
    [id, zone],
  ) => ({
    id: id!,
    facts: zone === undefined ? undefined : { zone } as never,
  }));
  assert.deepEqual([...labels(members, shortIds(members.map(({ id }) => id))).values()], [
    "au",
    "gb 222222",
    "gb 333333",
    "444444",
  ]);
});

Deno.test("contactReach() has no path and no round trip of who is gone, and only the last contact stays", () => {
  const contact = {
    lastContactMs: 5,
    roundTrip: { smoothedMs: 1.5 },
    path: "packets",
    clockOffsetMs: 70,
  } as unknown as Contact;
  const reach = (state: "alive" | "leaving" | "dead", path = "packets") =>
    contactReach({ ...contact, path } as Contact, { state, hasDatagrams: true, isUnreachable: true });
  const gone = { packetsBlocked: false, streamsBlocked: false, relayed: false };
  const unknown = { roundTripMs: undefined, clockOffsetMs: undefined };
  for (const path of ["packets", "stream", "relayed"]) {
    assert.deepEqual(reach("leaving", path), { lastContactMs: 5, ...unknown, ...gone });
    assert.deepEqual(reach("dead", path), { lastContactMs: 5, ...unknown, ...gone });
  }
  assert.deepEqual(reach("alive"), {
    lastContactMs: 5,
    roundTripMs: 1.5,
    clockOffsetMs: 70,
    ...gone,
    streamsBlocked: true,
  });
});
