/** The rooms under `src/`, a closed list, and what each may import. ARCHITECTURE.md gives the reasons. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  config: ["base"],
  records: ["base"],
  storage: ["base", "records"],
  membership: ["base", "records"],
  dissemination: ["base", "records"],
  reconciliation: ["base", "records"],
  cluster: ["base", "records", "membership", "dissemination", "reconciliation"],
  wire: ["base", "records", "cluster"],
  transport: ["base"],
  node: ["base", "config", "records", "storage", "cluster", "wire", "transport"],
  accounts: ["base", "records", "node"],
  templates: ["base", "records", "node"],
  admin: ["base", "records", "accounts", "templates", "node"],
  api: ["base", "records", "accounts", "templates", "node"],
  ui: ["base", "records", "accounts", "templates", "node"],
  cli: ["base", "config", "admin", "app"],
};

/** The rooms that the simulator runs as they ship: no time, no chance, no waiting of their own. */
export const PURE_ROOMS: readonly string[] = ["records", "membership", "dissemination", "reconciliation", "cluster"];

/** The composition root, as the table of imports calls it. */
export const COMPOSITION_ROOT = "app";
