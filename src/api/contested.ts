type Fields = Readonly<Record<string, unknown>>;

/**
 * Fields that a client changed from what it had read and that somebody else has changed since, to something else: one of the two would be
 * lost without a word. Sets (lists of texts) are merged element by element, and never contested.
 *
 * @param base the record as the client had read it
 * @param sent what the client wants it to be; fields that are left out stay
 */
export function contestedFields({ base, current, sent }: { base: Fields; current: Fields; sent: Fields }): string[] {
  return Object.keys(sent).filter((name) => {
    if (!Object.hasOwn(base, name) || !Object.hasOwn(current, name)) return false;
    if (isSet(base[name]) && isSet(current[name])) return false;
    const [wanted, read, now] = [sent[name], base[name], current[name]].map((value) => JSON.stringify(value));
    return wanted !== read && now !== read && wanted !== now;
  });
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}
