/** Sends `question` to a worker that answers each message with one, and waits for its answer. @throws when the worker ends instead */
export function askWorker<Answer>(worker: Worker, question: unknown, what: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(`${what} ended its worker: ${message}`));
  worker.postMessage(question);
  return promise;
}
