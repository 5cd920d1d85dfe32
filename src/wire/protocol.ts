/** Least version of the wire protocol that this build speaks. */
export const PROTOCOL_MIN = 1;
/** Greatest version of the wire protocol that this build speaks; 255 at most, it has one byte. */
export const PROTOCOL_MAX = 1;

/** A range of protocol versions, both ends included, each 1 … 255. */
export interface ProtocolRange {
  readonly protocolMin: number;
  readonly protocolMax: number;
}

/** True when both ranges have a version in common, so that the two can talk. */
export function protocolsMeet({ protocolMin, protocolMax }: ProtocolRange): boolean {
  return protocolMin <= PROTOCOL_MAX && protocolMax >= PROTOCOL_MIN;
}

/** One clause for a log line: what the other speaks and what we speak. */
export function describeOtherProtocol({ protocolMin, protocolMax }: ProtocolRange): string {
  return `it speaks protocol ${protocolMin} to ${protocolMax}, this server ${PROTOCOL_MIN} to ${PROTOCOL_MAX}: ` +
    "run versions of knot on both that are closer together";
}
