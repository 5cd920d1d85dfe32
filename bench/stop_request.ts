/** Ctrl-C and SIGTERM as a signal, so that what was laid out is cleared away; ends with its block. */
export function stopRequest(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const stop = () => controller.abort(new Error("Stopped on request"));
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) Deno.addSignalListener(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => signals.forEach((name) => Deno.removeSignalListener(name, stop)),
  };
}
