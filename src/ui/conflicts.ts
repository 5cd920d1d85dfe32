import type { RecordKind } from "../records/mod.ts";
import type { Site } from "./site.ts";

/** Where each kind with names has its pages. */
const PATHS: Readonly<Record<RecordKind, string>> = {
  group: "/groups",
  role: "/roles",
  template: "/templates",
  template_variable: "/variables",
};

/** The form of the record at `path`, at its name. */
export function renamePath(path: string): string {
  return `${path}/edit#name`;
}

/** The form of the record that owns a name; undefined where nobody does any more. */
export function winnerPath({ node }: Site, kind: RecordKind, name: string): string | undefined {
  const winner = node.findByName(kind, "name", name);
  return winner && `${PATHS[kind]}/${winner.id}/edit`;
}
