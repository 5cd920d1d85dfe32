import type {
  CreateOutcome,
  DeleteOutcome,
  Template,
  Templates,
  UpdateOptions,
  UpdateOutcome,
  Variable,
  Viewer,
} from "../../src/templates/mod.ts";

/** Templates and variables in two maps, with no more rules than that a name is needed and unique. */
export function memoryTemplates(): Templates {
  const templates = shelf<Template>("template_id");
  return {
    templates: {
      ...templates,
      validate: () => ({}),
      export: () => undefined,
      import: () => Promise.resolve({ kind: "not_found" }),
    },
    variables: shelf<Variable>("templatevar_id"),
  };
}

function shelf<Item extends { readonly name: string }>(idField: keyof Item & string) {
  const items = new Map<string, Item>();
  const complaint = (input: Partial<Item>, id?: string) => {
    if (input.name === "") return { kind: "invalid", fields: { name: "is needed" } } as const;
    const taken = [...items].some(([other, item]) => other !== id && item.name === input.name);
    return taken ? { kind: "name_taken", fields: { name: "is taken" } } as const : undefined;
  };
  return {
    list: (_: Viewer) => [...items.values()].sort((a, b) => a.name < b.name ? -1 : 1),
    get: (_: Viewer, id: string) => items.get(id) ?? [...items.values()].find((item) => item.name === id),
    create(_: Viewer, input: unknown): Promise<CreateOutcome> {
      const refusal = complaint(input as Partial<Item>);
      if (refusal !== undefined) return Promise.resolve(refusal);
      const id = crypto.randomUUID();
      const times = { created_at: "2026-01-05T12:00:00Z", updated_at: "2026-01-05T12:00:00Z" };
      items.set(id, { ...input as Item, [idField]: id, ...times, in_conflict: false, version: "1" });
      return Promise.resolve({ kind: "created", id, copies: 1, members: 1 });
    },
    update(_: Viewer, id: string, input: unknown, __?: UpdateOptions): Promise<UpdateOutcome> {
      const refusal = complaint(input as Partial<Item>, id);
      if (refusal !== undefined) return Promise.resolve(refusal);
      items.set(id, { ...items.get(id)!, ...input as Partial<Item> });
      return Promise.resolve({ kind: "updated", copies: 1, members: 1 });
    },
    delete(_: Viewer, id: string): Promise<DeleteOutcome> {
      items.delete(id);
      return Promise.resolve({ kind: "deleted", copies: 1, members: 1 });
    },
  };
}
