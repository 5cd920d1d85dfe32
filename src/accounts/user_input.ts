import { z } from "zod";
import { list, orLeftOut } from "./check.ts";

/** Shells that a user may prefer. */
export const SHELLS = ["bash", "zsh", "fish", "sh"] as const;

/** More roles than any team names; keeps one user's record small. */
const ROLES_MAX = 100;
/** Groups of one user, likewise. */
const GROUPS_MAX = 1_000;
/** RFC 5321 §4.5.3.1.3: a path of 256 octets with its brackets. */
const EMAIL_CHARACTERS_MAX = 254;
/** Long enough for any passphrase; keeps the work before the hash bounded. */
const PASSWORD_CHARACTERS_MAX = 1_024;
const SSH_KEY_CHARACTERS_MAX = 16 * 1024;
/** GitHub allows 39; the original, 255. */
const GITHUB_NAME_CHARACTERS_MAX = 255;
const SERVICE_PASSWORD_CHARACTERS_MAX = 255;

/** Upper bound of limits without a rule of their own: what every client's 32-bit integer holds. */
const LIMIT_MAX = 2_147_483_647;

/** A limit; 0 is unlimited. */
export const limit = z.int().min(0).max(LIMIT_MAX);

const username = z.string()
  .regex(/^[a-zA-Z][a-zA-Z0-9\-.]{1,63}$/, "must be 2 to 64 letters, digits, '-' or '.', and begin with a letter")
  .refine((text) => !text.includes("--") && !text.includes(".."), "must not contain '--' or '..'");

const email = z.string().trim().max(EMAIL_CHARACTERS_MAX)
  .refine((text) => /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+$/.test(text), "must be an email address");

const password = z.string().min(8).max(PASSWORD_CHARACTERS_MAX);

const timezone = z.string().max(64).refine(isTimezone, "must be an IANA time zone, such as Europe/London");

/** One key a line; empty lines and comments are let through as OpenSSH's authorized_keys does. */
const sshPublicKey = z.string().max(SSH_KEY_CHARACTERS_MAX).refine(
  (text) =>
    text.split(/\r?\n/).every((line) => /^\s*(#.*|([\w@.+-]+ )?[\w@.+-]+ [A-Za-z0-9+/]+={0,3}( .*)?)?$/.test(line)),
  "must hold one public key a line, such as 'ssh-ed25519 AAAA… name'",
);

const common = {
  roles: list(z.string().max(64), ROLES_MAX),
  groups: list(z.string().max(64), GROUPS_MAX),
  active: z.boolean(),
  max_spaces: limit.max(10_000),
  compute_units: limit,
  storage_units: limit,
  max_tunnels: limit,
  ssh_public_key: sshPublicKey,
  github_username: z.string().max(GITHUB_NAME_CHARACTERS_MAX),
};

/** What `POST /api/users` and the page's form take. */
export const NewUser = z.object({
  username,
  email,
  password,
  roles: common.roles.default([]),
  groups: common.groups.default([]),
  active: common.active.default(true),
  max_spaces: common.max_spaces.default(0),
  compute_units: limit.default(0),
  storage_units: limit.default(0),
  max_tunnels: limit.default(0),
  ssh_public_key: common.ssh_public_key.default(""),
  github_username: common.github_username.default(""),
  preferred_shell: orLeftOut(z.enum(SHELLS)).transform((shell) => shell ?? "bash"),
  timezone: orLeftOut(timezone),
});

/** What `PUT /api/users/{id}` and the page's form take; what is left out stays as it is. */
export const UserChange = z.object({
  username,
  email,
  password: orLeftOut(password),
  ...common,
  service_password: z.string().max(SERVICE_PASSWORD_CHARACTERS_MAX),
  preferred_shell: orLeftOut(z.enum(SHELLS)),
  timezone: orLeftOut(timezone),
}).partial();

/** The first admin. */
export const FirstUser = z.object({ username, email, password });

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return !/^[+-]/.test(name); // An offset is no IANA name.
  } catch {
    return false;
  }
}
