/**
 * The chaos trial: real servers in network namespaces that are killed, stopped and cut off while clients write, and a verdict
 * from what the clients were told. `tests/net` plays a few rounds, `deno task soak chaos` as many as one likes.
 */
export type { Book, Ending, Tally } from "./book.ts";
export { type ChaosOptions, type ChaosReport, runChaos } from "./trial.ts";
