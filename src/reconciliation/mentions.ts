import type { Arrivals } from "./arrivals.ts";
import type { Mention, RecordKey } from "./message.ts";
import type { ReconciliationPort } from "./port.ts";
import { idHash, shortHash } from "./short_hash.ts";

/** Bits of the version in a mention. */
const VERSION_BITS = 24;

type MentionPort = Pick<ReconciliationPort, "index" | "stampMs">;

/** Names records in short. */
export function mentionsOf(keys: readonly RecordKey[], salt: number, port: MentionPort): Mention[] {
  return keys.map(([kind, id]) => {
    const entry = port.index().tree(kind)?.get(id);
    const version = entry === undefined ? 0 : shortHash(entry, salt, VERSION_BITS);
    return { id: idHash(id, salt), version, stampMs: port.stampMs(kind, id) ?? 0 };
  });
}

/** What follows when another server has named what it holds. */
export interface MentionsAnswer {
  /** Places of what is to be sent here. */
  readonly wanted: number[];
  /** What is to be sent there. */
  readonly lacking: RecordKey[];
}

/**
 * Compares what came to another server since both held the same with what came here. What only one of them names has not changed on
 * the other side, so it is newer there; of what both name the greater stamp goes first, and comes back if there was more to it.
 */
export function answerMentions(
  mentions: readonly Mention[],
  { arrivals, since, salt, port }: {
    arrivals: Arrivals;
    since: readonly RecordKey[];
    salt: number;
    port: MentionPort;
  },
): MentionsAnswer {
  const theirs = new Map(mentions.map((mention, place) => [mention.id, { mention, place }]));
  const wanted = new Set(mentions.keys());
  const lacking: RecordKey[] = [];
  const isSince = new Set(since.map(([kind, id]) => `${kind}/${id}`));
  // Also older arrivals: the other may have noticed later that both held the same.
  for (const key of arrivals.recent()) {
    const [kind, id] = key;
    const their = theirs.get(idHash(id, salt));
    if (their === undefined) {
      if (isSince.has(`${kind}/${id}`)) lacking.push(key);
      continue;
    }
    const { mention, place } = their;
    const [ours] = mentionsOf([key], salt, port);
    if (ours.version === mention.version) {
      wanted.delete(place);
    } else if (ours.stampMs > mention.stampMs) {
      wanted.delete(place);
      lacking.push(key);
    }
  }
  return { wanted: [...wanted], lacking };
}

/**
 * Answers what another server wants of what we offered, and holds in its place. Of what it holds in another version, the greater stamp
 * goes first.
 *
 * @returns `wanted` are places in `held`
 */
export function answerOffer(
  offered: readonly RecordKey[],
  { wanted, held }: { readonly wanted: readonly number[]; readonly held: readonly Mention[] },
  { salt, port }: { salt: number; port: Pick<MentionPort, "stampMs"> },
): MentionsAnswer {
  const places = new Map<number, number>();
  for (const [place, { id }] of held.entries()) places.set(id, place);
  const lacking: RecordKey[] = [];
  for (const at of wanted) {
    const key = offered[at];
    if (key === undefined) continue;
    const hash = idHash(key[1], salt);
    const place = places.get(hash);
    if (place !== undefined && held[place].stampMs > (port.stampMs(...key) ?? 0)) continue;
    places.delete(hash);
    lacking.push(key);
  }
  return { wanted: [...places.values()], lacking };
}
