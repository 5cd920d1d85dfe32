import type { Logger } from "../base/mod.ts";
import type { Node } from "../node/mod.ts";

/** Kinds whose names are people's, and what they are called. */
const KINDS: Readonly<Record<string, string>> = {
  user: "user",
  role: "role",
  group: "group",
  template: "template",
  template_variable: "variable",
};
/** Records that were told of; the oldest may be told of again. */
const TOLD_MAX = 1_000;

/** Logs each record that loses its name to another one, as happens after a partition. Returns the end of it. */
export function watchConflicts({ node, log }: { node: Node; log: Logger }): () => void {
  const told = new Set<string>();
  return node.onChange(({ kind, id }) => {
    const what = KINDS[kind];
    if (what === undefined) return;
    if (!node.inConflict(kind, id)) return void told.delete(id);
    if (told.has(id)) return;
    told.add(id);
    if (told.size > TOLD_MAX) told.delete(told.keys().next().value!);
    log.warn(`Two records have one name: the later ${what} is in conflict until it is renamed or deleted`, { id });
  });
}
