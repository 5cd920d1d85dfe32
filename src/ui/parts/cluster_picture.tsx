// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { FC } from "hono/jsx";
import type { MemberStatus } from "../../node/mod.ts";
import { serverName } from "../cluster_summary.ts";
import { roundTripText } from "./cluster_table.tsx";

/** More servers than this make dots that touch; then the table alone tells. */
export const PICTURE_SERVERS_MAX = 60;

/** With more servers than this, names overlap; hovering still tells them. */
const LABELLED_SERVERS_MAX = 14;

const WIDTH = 420;
const HEIGHT = 340;
const CENTRE = { x: WIDTH / 2, y: HEIGHT / 2 };
const RING = { x: 140, y: 112 };

/** Longest name that fits beside its neighbour. */
const NAME_CHARACTERS_MAX = 15;

interface Placed {
  readonly member: MemberStatus;
  readonly x: number;
  readonly y: number;
}

/**
 * This server in the middle, the others around it, zone by zone, and the link to each: full where data agree, dashed where they
 * do not yet or the server is suspected, dotted where it is gone. The table says the same in words.
 */
export const ClusterPicture: FC<{ members: readonly MemberStatus[] }> = ({ members }) => {
  const self = members.find((member) => member.self);
  const others = placed(members.filter((member) => !member.self));
  const labelled = others.length <= LABELLED_SERVERS_MAX;
  return (
    <svg class="picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={describe(members)}>
      {others.map((place) => (
        <>
          <line
            class={`link ${linkClass(place.member)}`}
            x1={CENTRE.x}
            y1={CENTRE.y}
            x2={round(place.x)}
            y2={round(place.y)}
          />
          {labelled ? <LinkLabel place={place} /> : null}
        </>
      ))}
      {others.map((place) => <Server place={place} radius={labelled ? 11 : 6} labelled={labelled} />)}
      {self === undefined ? null : <Server place={{ member: self, ...CENTRE }} radius={15} labelled />}
    </svg>
  );
};

const Server: FC<{ place: Placed; radius: number; labelled: boolean }> = (
  { place: { member, x, y }, radius, labelled },
) => {
  const name = serverName(member);
  const short = name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX - 1)}…` : name;
  const zone = member.facts?.zone ?? "";
  // Names stand above the upper half of the ring and below the lower, out of the links' way.
  const above = y < CENTRE.y - 1;
  const nameY = above ? y - radius - 24 : y + radius + 16;
  return (
    <g>
      <title>{`${name}, zone ${zone}: ${member.state}`}</title>
      <Mark member={member} x={round(x)} y={round(y)} radius={radius} />
      {labelled
        ? (
          <>
            <text x={round(x)} y={round(nameY)}>{short}</text>
            <text class="where" x={round(x)} y={round(nameY + 15)}>{zone}</text>
          </>
        )
        : null}
    </g>
  );
};

/** The same shapes as of the states in tables and legend: a square is dead, half a disc is suspected or behind. */
const Mark: FC<{ member: MemberStatus; x: number; y: number; radius: number }> = ({ member, x, y, radius }) => {
  const standing = linkClass(member);
  const name = `server ${standing} ${member.self ? "self" : ""}`;
  if (standing === "dead") {
    return <rect class={name} x={x - radius} y={y - radius} width={2 * radius} height={2 * radius} rx={2} />;
  }
  const isHalf = !member.self && (standing === "suspect" || standing === "behind");
  return (
    <>
      <circle class={name} cx={x} cy={y} r={radius} />
      {isHalf
        ? <path class="half" d={`M ${x} ${y - radius} A ${radius} ${radius} 0 0 0 ${x} ${y + radius} Z`} />
        : null}
    </>
  );
};

const LinkLabel: FC<{ place: Placed }> = ({ place: { member, x, y } }) => {
  const text = member.state === "alive" ? roundTripText(member) : member.state;
  if (text === "–") return null;
  const at = { x: CENTRE.x + (x - CENTRE.x) * 0.6, y: CENTRE.y + (y - CENTRE.y) * 0.6 };
  return <text class="where" x={round(at.x)} y={round(at.y + 4)}>{text}</text>;
};

function placed(others: readonly MemberStatus[]): Placed[] {
  const shown = others.toSorted((a, b) => place(a).localeCompare(place(b))).slice(0, PICTURE_SERVERS_MAX);
  const turn = turnOf(shown.length);
  return shown.map((member, at) => {
    const angle = angleOf(at + turn, shown.length);
    return { member, x: CENTRE.x + RING.x * Math.cos(angle), y: CENTRE.y + RING.y * Math.sin(angle) };
  });
}

/** Radians from three o'clock, clockwise, for place `at` of `count` on the ring; the first is at nine o'clock. */
function angleOf(at: number, count: number): number {
  return (2 * Math.PI * at) / count - Math.PI;
}

/** No link may run straight down, through the name of the server in the middle: turns the ring by half a place where one would. */
function turnOf(count: number): number {
  const downward = (turn: number) =>
    Math.max(...Array.from({ length: count }, (_, at) => Math.sin(angleOf(at + turn, count))));
  return count > 0 && downward(0.5) < downward(0) ? 0.5 : 0;
}

function place(member: MemberStatus): string {
  return `${member.facts?.zone ?? ""} ${serverName(member)} ${member.id}`;
}

function linkClass(member: MemberStatus): string {
  const behind = member.inSync === false || member.problem !== undefined;
  return member.state === "alive" && behind ? "behind" : member.state;
}

function describe(members: readonly MemberStatus[]): string {
  const states = members.slice(0, PICTURE_SERVERS_MAX).map((member) =>
    `${serverName(member)}${member.facts === undefined ? "" : ` in ${member.facts.zone}`} is ${member.state}`
  );
  return `Picture of the cluster: ${states.join(", ")}.`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
