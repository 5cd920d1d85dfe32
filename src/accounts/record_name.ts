import { z } from "zod";

/** Names of groups and roles: 1 to 64 characters, without spaces at the ends, which nobody sees, and control characters. */
export const recordName = z.string().trim().min(1, "is required").max(64)
  .refine((text) => !/\p{Cc}/u.test(text), "must not contain control characters");
