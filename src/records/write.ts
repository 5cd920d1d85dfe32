import type { RecordKind, Value } from "./record.ts";

/** What a client had read before it edited: only fields that differ from it count as changed. */
export interface WriteBase {
  readonly fields: Readonly<Record<string, Value>>;
  readonly sets: Readonly<Record<string, readonly string[]>>;
}

/** One intended change. Values are plain; stamps are given by the server that commits it. */
export type Write =
  | {
    readonly op: "create";
    readonly kind: RecordKind;
    readonly id: string;
    readonly fields: Readonly<Record<string, Value>>;
    readonly sets?: Readonly<Record<string, readonly string[]>>;
  }
  | {
    readonly op: "update";
    readonly kind: RecordKind;
    readonly id: string;
    /** New values; fields left out are unchanged. */
    readonly fields?: Readonly<Record<string, Value>>;
    /** New whole contents of sets; compared with the base (else with the current contents) element by element. */
    readonly sets?: Readonly<Record<string, readonly string[]>>;
    readonly base?: WriteBase;
  }
  | { readonly op: "delete"; readonly kind: RecordKind; readonly id: string };
