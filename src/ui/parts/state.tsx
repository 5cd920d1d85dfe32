import type { FC } from "hono/jsx";

/** How something stands, in a word and a mark whose shape says it as well as its colour. */
export const State: FC<{ kind: "good" | "warn" | "bad" | "off"; label: string }> = ({ kind, label }) => (
  <span class={`state ${kind}`}>{label}</span>
);
