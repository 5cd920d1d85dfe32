/** How a committed write travels while it is news. */
export type PushMessage =
  /** Freshly committed records in packed form; answered by `push_ack` after their commit. */
  | { kind: "push"; sequence: number; lineage: string; records: Uint8Array[] }
  | { kind: "push_ack"; sequence: number };
