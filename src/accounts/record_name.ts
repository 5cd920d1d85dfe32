import { z } from "zod";
import type { Node } from "../node/mod.ts";
import type { Refusal } from "./outcome.ts";

/** Names of groups and roles: 1 to 64 characters, without spaces at the ends, which nobody sees, and control characters. */
export const recordName = z.string().trim().min(1, "is required").max(64)
  .refine((text) => !/\p{Cc}/u.test(text), "must not contain control characters");

/**
 * Why `name` is refused when another group or role is called so but for capital letters: nobody could tell the two apart by ear. The very
 * same name is refused by the write itself.
 */
export function caseClash(
  node: Node,
  { kind, name, but }: { kind: "group" | "role"; name: string; but?: string },
): Refusal | undefined {
  const clash = node.list(kind).find(({ id, fields }) =>
    id !== but && typeof fields.name === "string" && fields.name !== name && fold(fields.name) === fold(name)
  );
  if (clash === undefined) return undefined;
  return { kind: "name_taken", fields: { name: `is taken: there is "${clash.fields.name}"` } };
}

function fold(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
