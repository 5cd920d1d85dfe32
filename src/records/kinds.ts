import type { RecordKind, RecordState, Stamp } from "./record.ts";
import { decodeValue } from "./value.ts";

/** When two texts are one name: `exact` compares composed Unicode, `any_case` ignores letter case besides. */
export type NameRule = "exact" | "any_case";

/** What this version knows of a kind. Everything not named here is a plain register. */
export interface KindDefinition {
  /** Sets with a register for each element. */
  readonly sets: readonly string[];
  /** Fields whose text belongs to one record of the kind at most. */
  readonly uniqueNames: Readonly<Record<string, NameRule>>;
  /** The field with the milliseconds since the Unix epoch at which a record of the kind expires. */
  readonly expiry?: string;
}

const KINDS: ReadonlyMap<RecordKind, KindDefinition> = new Map<RecordKind, KindDefinition>([
  // Usernames ignore case too: `Ann` beside `ann` would help only someone who wants to be taken for another.
  ["user", { sets: ["roles", "groups"], uniqueNames: { email: "any_case", username: "any_case" } }],
  ["role", { sets: [], uniqueNames: { name: "exact" } }],
  ["group", { sets: [], uniqueNames: { name: "exact" } }],
  ["template", { sets: ["groups", "zones"], uniqueNames: { name: "exact" } }],
  ["template_variable", { sets: ["zones"], uniqueNames: { name: "exact" } }],
  ["session", { sets: [], uniqueNames: { token_hash: "exact" }, expiry: "expires_at" }],
  ["api_token", { sets: [], uniqueNames: { token_hash: "exact" }, expiry: "expires_at" }],
]);

/**
 * Longest text that counts as a name, in UTF-16 units: names are held in memory, and ours have 320 at most (an email).
 */
const NAME_LENGTH_MAX = 1024;

/** The definition of a kind of ours; undefined for kinds that a newer version brought. */
export function kindDefinition(kind: RecordKind): KindDefinition | undefined {
  return KINDS.get(kind);
}

/** The form in which two spellings of one name are equal; for fields without unique names the composed text. */
export function normaliseName(kind: RecordKind, field: string, value: string): string {
  const composed = isAscii(value) ? value : value.normalize("NFC"); // Most are, and stay what they are.
  return KINDS.get(kind)?.uniqueNames[field] === "any_case" ? composed.toLowerCase().normalize("NFC") : composed;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** A name that a record claims. */
export interface UniqueName {
  readonly field: string;
  /** Normalised. */
  readonly name: string;
  /** Of the name's register: the earliest owns the name. */
  readonly stamp: Stamp;
}

/**
 * The unique names of a record. Tombstones and unknown kinds have none; neither are empty or overlong texts and other
 * values names.
 */
export function uniqueNames(state: RecordState): UniqueName[] {
  const names: UniqueName[] = [];
  for (const field of Object.keys(KINDS.get(state.kind)?.uniqueNames ?? {})) {
    const register = state.fields.get(field);
    if (register === undefined) continue;
    const value = decodeValue(register.value);
    if (typeof value !== "string" || value === "" || value.length > NAME_LENGTH_MAX) continue;
    names.push({ field, name: normaliseName(state.kind, field, value), stamp: register.stamp });
  }
  return names;
}
