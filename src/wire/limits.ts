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
/** Most kinds of records that one comparison speaks of, as ranges; and bytes of the ranges of one, or of a list of mentions. */
export const SPANS_MAX = 4_096;
export const RANGES_BYTES_MAX = 512 * 1024;
/** Most records in the lists of one message, and most that are mentioned one by one. */
export const LISTED_MAX = 50_000;
export const MENTIONS_MAX = 10_000;
/** Most records in one message. */
export const RECORDS_MAX = 10_000;
/** Most pushes that one answer names: a packet full. */
export const SEQUENCES_MAX = 256;
/** Most kinds in a status: seven are ours, the rest is room for newer versions. Further ones are left out. */
export const ROOTS_MAX = 64;
/** Longest text in bytes: addresses, names, ids of unusual form. */
export const TEXT_BYTES_MAX = 1024;
