import example from "../../knot.toml.example" with { type: "text" };

/** The commented `knot.toml` that `knot scaffold --server` prints: every key, each with its default. */
export function scaffold(): string {
  return example;
}
