import { CHALLENGE_PROTOCOL, isToken, SUBPROTOCOL } from "./admission.ts";
import type { ClusterUrl } from "./address.ts";
import { type Address, DialError, type DialFailure } from "./transport.ts";

/** Longest answer that is read, in bytes; ours takes a few hundred. A stranger's page can be of any length. */
const ANSWER_BYTES_MAX = 4 * 1024;

/** Most characters of a peer's own words that are quoted. */
const QUOTE_LENGTH_MAX = 200;

/** One question to a peer's cluster route. */
export interface ChallengeQuestion {
  readonly to: Address;
  readonly url: ClusterUrl;
  readonly client: Deno.HttpClient;
  readonly signal: AbortSignal;
  /** Asks whether this response admits us: what a failed upgrade does not tell. */
  readonly response?: string;
}

/**
 * Asks a peer for its challenge.
 *
 * @throws {DialError} when there is no knot server in websocket cluster mode, or it does not take `response`
 */
export async function askForChallenge(question: ChallengeQuestion): Promise<string> {
  const { status, body, location } = await ask(question);
  const answer = parseObject(body);
  const { challenge, protocol, error, transport, verdict } = answer ?? {};
  if (status === 200 && protocol === CHALLENGE_PROTOCOL && typeof challenge === "string" && isToken(challenge)) {
    return challenge;
  }
  const said = typeof error === "string" ? quoted(error) : undefined;
  if (transport === "none") throw failure(question, "other_transport", "it is a knot server without cluster mode");
  if (typeof transport === "string") {
    const way =
      "it is a knot server whose cluster uses TCP and UDP, and all servers of a cluster use the same transport";
    throw failure(question, "other_transport", way);
  }
  if (status === 403 && said) {
    if (verdict === "other_key") {
      throw failure(
        question,
        "other_key",
        "it has another cluster key; server.cluster.key must be the same everywhere",
      );
    }
    throw failure(question, "unreachable", `it does not admit us: ${said}`);
  }
  if ((status === 429 || status === 503) && said) throw failure(question, "unreachable", `it is busy: ${said}`);
  if (location) {
    throw failure(question, "not_knot", `it redirects to ${quoted(location)}; use that server's own address`);
  }
  throw failure(question, "not_knot", `what answers there (HTTP ${status}) is not a knot server in cluster mode`);
}

async function ask({ to, url, client, signal, response }: ChallengeQuestion) {
  try {
    const answer = await fetch(url.http, {
      client,
      signal,
      redirect: "manual",
      headers: response === undefined ? {} : { "sec-websocket-protocol": `${SUBPROTOCOL}, ${response}` },
    });
    const body = await readBounded(answer);
    return { status: answer.status, body, location: answer.headers.get("location") ?? undefined };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const { reason, cause } = explainFetchFailure(error, url);
    throw new DialError(`Cannot connect to "${to}": ${cause}`, { reason, cause: error });
  }
}

async function readBounded(answer: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > ANSWER_BYTES_MAX) break; // Leaving the loop cancels the rest.
  }
  return text.slice(0, ANSWER_BYTES_MAX);
}

/** What the runtime's words mean, which come from rustls, hyper and the system. The first that matches counts. */
const FETCH_FAILURES: ReadonlyArray<readonly [words: RegExp, reason: DialFailure, cause: string]> = [
  [
    /CaUsedAsEndEntity/,
    "untrusted",
    "its TLS certificate is a CA's own; give it one that a CA issued, or one made with basicConstraints CA:FALSE, " +
    "and name the CA in server.tls.ca_file",
  ],
  [/NotValidForName|not valid for name/, "untrusted", "its TLS certificate is for another name"],
  [/certificate.*[Ee]xpired/, "untrusted", "its TLS certificate has expired"],
  [
    /certificate.*(NotValidYet|not valid yet)/,
    "untrusted",
    "its TLS certificate is not valid yet; is the clock right?",
  ],
  [/invalid peer certificate/, "untrusted", "its TLS certificate is not trusted; name its CA in server.tls.ca_file"],
  [/dns error/, "unresolved", "the name cannot be resolved"],
  [/Connection refused/, "unreachable", "it refused the connection"],
];

function explainFetchFailure(error: unknown, url: ClusterUrl): { reason: DialFailure; cause: string } {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const words = inner instanceof Error ? inner.message : String(inner);
  for (const [pattern, reason, cause] of FETCH_FAILURES) {
    if (pattern.test(words)) return { reason, cause };
  }
  if (/invalid HTTP version|corrupt message|InvalidContentType/.test(words)) {
    const hint = url.tls ? "what answers there does not speak TLS" : "what answers there does not speak plain HTTP";
    return { reason: "not_knot", cause: `${hint}; check the scheme, and whether its cluster uses TCP and UDP` };
  }
  if (/connection closed|unexpected (eof|EOF)|reset by peer|handshake eof|close_notify/.test(words)) {
    return { reason: "unreachable", cause: "it closed the connection; does its cluster use TCP and UDP?" };
  }
  return { reason: "unreachable", cause: quoted(words.replace(/^error sending request.*?: client error /, "")) };
}

function failure({ to }: ChallengeQuestion, reason: DialFailure, cause: string): DialError {
  return new DialError(`Cannot connect to "${to}": ${cause}`, { reason });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

/** A stranger's words, fit for one line of our log. */
function quoted(words: string): string {
  // deno-lint-ignore no-control-regex -- Control characters are what must not reach a terminal.
  return words.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ").slice(0, QUOTE_LENGTH_MAX);
}
