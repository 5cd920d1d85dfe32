/** How a committed write travels while it is news. */
export type PushMessage =
  /**
   * Freshly committed records in packed form; answered by `push_ack` after their commit. `passOn` asks the receiver to push
   * them to the others, because the sender does not reach everybody.
   */
  | { kind: "push"; sequence: number; lineage: string; passOn: boolean; records: Uint8Array[] }
  /** Everything in these pushes is on the sender's disk. */
  | { kind: "push_ack"; sequences: readonly number[] };
