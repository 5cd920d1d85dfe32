import { type Admin, isWebsocket } from "../admin/mod.ts";
import { tableOf } from "./table.ts";

type Member = Awaited<ReturnType<Admin["members"]>>["members"][number];
type Opinions = Awaited<ReturnType<Admin["opinions"]>>;
type Opinion = NonNullable<ReturnType<Opinions["get"]>>[number];

/** What each server (rows) thinks of each other (columns). A link that works in one direction only shows in one half alone. */
export function opinionMatrix(members: readonly Member[], opinions: Opinions): string {
  const names = members.map(({ label }) => label);
  const header = ["SEEN BY", ...names];
  const rows = members.map((observer, at) => {
    const held = opinions.get(observer.id);
    if (held === undefined) return [names[at], ...members.map(() => "no answer")];
    return [names[at], ...members.map((member) => member.id === observer.id ? "-" : cellOf(held, member))];
  });
  return tableOf([header, ...rows]);
}

function cellOf(held: readonly Opinion[], { id, facts }: Member): string {
  const opinion = held.find((candidate) => candidate.id === id);
  if (opinion === undefined) return "unknown";
  if (opinion.state !== "alive") return opinion.state;
  if (opinion.path === "relayed") return "alive, through others";
  const how = opinion.path === "stream" && !isWebsocket(facts?.address) ? ", TCP only" : "";
  return opinion.roundTripMs === undefined ? `alive${how}` : `alive ${opinion.roundTripMs.toFixed(1)} ms${how}`;
}
