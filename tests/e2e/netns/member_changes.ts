import type { KnotProcess } from "../knot_process.ts";

/** One server's change of mind about another, as its log tells it. */
export interface MemberChange {
  /** The zone of the member, which is unique in tests. */
  readonly zone: string;
  readonly state: string;
  readonly before: string;
}

const LINE = /Member changed state .*\bzone=(\S+) .*\bstate=(\S+) before=(\S+)/;

/** Every change since the process had said `sinceLine` lines, oldest first. Polling the API could miss the short ones. */
export function memberChanges(process: KnotProcess, sinceLine = 0): MemberChange[] {
  const dropped = process.lineCount - process.lines.length;
  return process.lines.slice(Math.max(0, sinceLine - dropped)).flatMap((line) => {
    const match = LINE.exec(line);
    return match === null ? [] : [{ zone: match[1], state: match[2], before: match[3] }];
  });
}
