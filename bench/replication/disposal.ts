/** Disposes of all of `disposables` with its block. */
export function all(disposables: readonly Disposable[]): Disposable {
  return { [Symbol.dispose]: () => disposables.forEach((each) => each[Symbol.dispose]()) };
}
