/**
 * Runs what must not overlap in turn. Two admins who take each other's role at the same moment would else both find that another is left.
 */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {}); // The caller hears of it; the next in turn starts all the same.
    return result;
  }
}
