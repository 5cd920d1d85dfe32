import { PACKED_BYTES_MAX } from "../records/mod.ts";

/**
 * Largest message in bytes, before compression and after. The largest record must fit, with what stands around it: one that
 * could not travel would never be the same on all servers.
 */
export const MESSAGE_BYTES_MAX = PACKED_BYTES_MAX + 16 * 1024;
/** Most statements that ride on one message; a packet holds about ten. */
export const UPDATES_MAX = 512;
/** Most members in a whole list; clusters are planned for a thousand. */
export const MEMBERS_MAX = 8192;
/** Most (kind, id, version) entries or keys in one part of a list: about 1.4 MB. */
export const LIST_ENTRIES_MAX = 50_000;
/** Most records in one message. */
export const RECORDS_MAX = 10_000;
/** Most kinds in a status: seven are ours, the rest is room for newer versions. Further ones are left out. */
export const ROOTS_MAX = 64;
/** Longest text in bytes: addresses, names, ids of unusual form. */
export const TEXT_BYTES_MAX = 1024;
