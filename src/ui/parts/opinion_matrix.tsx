// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { FC } from "hono/jsx";
import { isWebsocket, type MemberStatus, type Node } from "../../node/mod.ts";

/** What each server that answered thinks of the others, by its id. */
export type Opinions = Awaited<ReturnType<Node["opinions"]>>;
type Opinion = NonNullable<ReturnType<Opinions["get"]>>[number];

/** A wider matrix fits no screen; then the API and the command line tell. */
export const MATRIX_SERVERS_MAX = 60;

/** More sentences than this say no more than the matrix. */
const DISAGREEMENTS_MAX = 10;

interface Cell {
  readonly kind: "good" | "warn" | "bad" | "off";
  readonly label: string;
}

const NO_ANSWER: Cell = { kind: "off", label: "no answer" };
const UNKNOWN: Cell = { kind: "off", label: "unknown" };

/**
 * Who sees whom, as a table: a mark and a word in each cell, so that neither colour nor sight is needed. A link that works in one
 * direction only is a cell that differs from the one across the diagonal.
 */
export const OpinionMatrix: FC<{ members: readonly MemberStatus[]; opinions: Opinions }> = ({ members, opinions }) => {
  const shown = members.slice(0, MATRIX_SERVERS_MAX);
  return (
    <div class="table-frame" role="region" aria-label="Opinions" tabindex={0}>
      <table class="matrix">
        <caption>Each row tells what one server thinks of those in the columns.</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Seen by</span>
            </th>
            {shown.map((member) => <th scope="col">{member.label}</th>)}
          </tr>
        </thead>
        <tbody>
          {shown.map((observer) => (
            <tr>
              <th scope="row">
                {observer.label}
                {observer.self ? <span class="tag">this server</span> : null}
              </th>
              {shown.map((target) => <MatrixCell observer={observer} target={target} opinions={opinions} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

const MatrixCell: FC<{ observer: MemberStatus; target: MemberStatus; opinions: Opinions }> = (
  { observer, target, opinions },
) => {
  if (observer.id === target.id) {
    return (
      <td class="self">
        <span class="visually-hidden">itself</span>
      </td>
    );
  }
  const { kind, label } = cellOf(opinions.get(observer.id), target);
  return (
    <td title={`${observer.label} sees ${target.label}: ${label}`}>
      <span class={`state ${kind}`}>{label}</span>
    </td>
  );
};

function cellOf(held: readonly Opinion[] | undefined, target: MemberStatus): Cell {
  if (held === undefined) return NO_ANSWER;
  const opinion = held.find(({ id }) => id === target.id);
  switch (opinion?.state) {
    case undefined:
      return UNKNOWN;
    case "alive":
      return aliveCell(opinion!, target);
    case "suspect":
      return { kind: "warn", label: "suspect" };
    case "dead":
      return { kind: "bad", label: "dead" };
    default:
      return { kind: "off", label: opinion!.state };
  }
}

function aliveCell({ path, roundTripMs }: Opinion, target: MemberStatus): Cell {
  if (path === "relayed") return { kind: "warn", label: "through others" };
  const time = roundTripMs === undefined
    ? "alive"
    : `${roundTripMs < 10 ? roundTripMs.toFixed(1) : Math.round(roundTripMs)} ms`;
  if (path === "stream" && !isWebsocket(target.facts?.address)) return { kind: "good", label: `TCP, ${time}` };
  return { kind: "good", label: time };
}

/** Pairs of which one hears the other and not the other way round, as sentences: what a firewall or a route does, not a crash. */
export function disagreements(members: readonly MemberStatus[], opinions: Opinions): string[] {
  const hears = (observer: MemberStatus, target: MemberStatus): boolean | undefined => {
    const opinion = opinions.get(observer.id)?.find(({ id }) => id === target.id);
    return opinion && opinion.state === "alive" && opinion.path !== "relayed";
  };
  const sentences = members.flatMap((a) =>
    members.filter((b) => hears(a, b) === true && hears(b, a) === false).map((b) =>
      `${a.label} hears ${b.label}, but ${b.label} does not hear ${a.label}.`
    )
  );
  return sentences.slice(0, DISAGREEMENTS_MAX);
}
