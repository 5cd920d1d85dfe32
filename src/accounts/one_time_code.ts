import { Secret, TOTP } from "otpauth";
import type { Entropy } from "../base/mod.ts";

/** RFC 4226 §4: at least 128 bits, 160 recommended. */
const SECRET_BYTES = 20;
/** RFC 6238 §5.2: the default step, which every authenticator has. */
const PERIOD_SECONDS = 30;
const DIGITS = 6;

/** A fresh secret in base32. */
export function newTotpSecret(entropy: Entropy): string {
  return new Secret({ buffer: new Uint8Array(entropy(SECRET_BYTES)).buffer }).base32;
}

/** `otpauth://` address for an authenticator. */
export function totpUri({ secret, issuer, label }: { secret: string; issuer: string; label: string }): string {
  return totp(secret, issuer, label).toString();
}

/**
 * The time step of a right code, within `window` steps of now; undefined for a wrong one. The caller refuses a step that was used before
 * (RFC 6238 §5.2).
 */
export function totpStep(
  { secret, code, window, wallMs }: { secret: string; code: string; window: number; wallMs: number },
): number | undefined {
  const digits = code.replace(/\s/g, "");
  if (!/^\d{6}$/.test(digits)) return undefined;
  try {
    const delta = totp(secret).validate({ token: digits, window, timestamp: wallMs });
    return delta === null ? undefined : Math.floor(wallMs / 1000 / PERIOD_SECONDS) + delta;
  } catch { // A stored secret that is no base32 has no right code.
    return undefined;
  }
}

function totp(secret: string, issuer = "", label = ""): TOTP {
  return new TOTP({
    issuer,
    label,
    secret: Secret.fromBase32(secret),
    algorithm: "SHA1",
    digits: DIGITS,
    period: PERIOD_SECONDS,
  });
}
