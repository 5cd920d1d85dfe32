/**
 * The only place that knows bytes: how messages become CBOR, are compressed, sealed in packets and streams, and how a
 * websocket peer proves the cluster key before it is let in. Synchronous, no I/O; randomness and time are handed in.
 */
export { type AdmissionVerdict, CHALLENGE_MS_MAX, ClusterAdmission } from "./admission.ts";
export { decodeEnvelope, encodeEnvelope, measureEnvelope, measureUpdate, senderNamed } from "./codec.ts";
export { type ClusterKeys, deriveKeys, type KeyRing } from "./keys.ts";
export { MESSAGE_BYTES_MAX } from "./limits.ts";
export { NonceExhaustedError } from "./noise.ts";
export { PACKET_OVERHEAD_BYTES, PACKET_PAYLOAD_BYTES_MAX } from "./packet_boxes.ts";
export { PACKET_BYTES_MAX } from "./packet_header.ts";
export { type OpenedPacket, type PacketRefusal, PacketSessions } from "./packets.ts";
export { PROTOCOL_MAX, PROTOCOL_MIN } from "./protocol.ts";
export {
  type ReceivedChunk,
  type StreamFailure,
  type StreamFailureReason,
  type StreamLimits,
  StreamSession,
} from "./streams.ts";
export { WireFormatError, type WireFormatReason } from "./wire_format_error.ts";
export { BoundedMap } from "./bounded_map.ts";
