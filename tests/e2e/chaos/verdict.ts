import { type Book, type Counter, COUNTERS, type Entry } from "./book.ts";

/** One group as a server lists it. */
export type GroupSeen = Readonly<Record<Counter, number>> & {
  readonly group_id: string;
  readonly name: string;
  readonly in_conflict: boolean;
};

/** What one server shows when all is over. */
export interface ServerSeen {
  readonly server: string;
  readonly groups: readonly GroupSeen[];
}

/**
 * Everything that is wrong with what the servers show, in words; none when all is as it was promised: every acknowledged
 * write is on every server, nothing that was refused happened, nothing deleted is there, and all servers show the same.
 */
export function findings(book: Book, seen: readonly ServerSeen[]): string[] {
  const found = differences(seen);
  for (const { server, groups } of seen) {
    const byName = Map.groupBy(groups, ({ name }) => name);
    for (const entry of book.entries) {
      const problem = problemOf(entry, byName.get(entry.name) ?? []);
      if (problem !== undefined) {
        found.push([`${server}: group "${entry.name}" ${problem}`, ...entry.history].join("\n      "));
      }
    }
    const known = new Set(book.entries.map(({ name }) => name));
    for (const name of byName.keys()) if (!known.has(name)) found.push(`${server}: group "${name}" was made by nobody`);
  }
  return found;
}

/** Groups that not all servers show alike. */
export function differences(seen: readonly ServerSeen[]): string[] {
  const [first, ...others] = seen.map(({ server, groups }) => ({ server, texts: textsOf(groups) }));
  return others.flatMap(({ server, texts }) => {
    const differing = [...new Set([...first.texts.keys(), ...texts.keys()])]
      .filter((id) => first.texts.get(id) !== texts.get(id));
    const [id] = differing;
    if (id === undefined) return [];
    const example = `${first.texts.get(id) ?? "nothing"} and ${texts.get(id) ?? "nothing"}`;
    return [`${first.server} and ${server} show ${differing.length} groups differently, such as ${example}`];
  });
}

function textsOf(groups: readonly GroupSeen[]): Map<string, string> {
  return new Map(groups.map((group) => [group.group_id, JSON.stringify(group)]));
}

function problemOf(entry: Entry, [group, ...others]: readonly GroupSeen[]): string | undefined {
  if (others.length > 0) return `is there ${others.length + 1} times`;
  if (group === undefined) {
    const mustBeThere = entry.created === "acknowledged" && entry.deleted === undefined;
    return mustBeThere ? "is missing: its creation was acknowledged" : undefined;
  }
  if (entry.created === "refused") return "is there: its creation was refused";
  if (entry.deleted === "acknowledged") return "is back: its deletion was acknowledged";
  if (entry.id !== undefined && group.group_id !== entry.id) return `has the id ${group.group_id}, not ${entry.id}`;
  for (const counter of COUNTERS) {
    const value = group[counter], acknowledged = entry.acknowledged[counter];
    const { unanswered } = entry;
    if (value === acknowledged || (unanswered?.counter === counter && unanswered.value === value)) continue;
    return `has ${counter} ${value}: ${acknowledged} was acknowledged last`;
  }
  return undefined;
}
