import { join } from "node:path";
import type { Certificates } from "../certificates.ts";

/** Longer than any soak. */
const VALID_DAYS = "2";

/**
 * Makes one certificate for all of `addresses` in `folder`, with openssl. It is its own authority: servers and tests trust
 * this very certificate.
 *
 * @throws {Error} if openssl is missing or refuses
 */
export async function makeCertificate(folder: string, addresses: readonly string[]): Promise<Certificates> {
  const certFile = join(folder, "tls.pem");
  const keyFile = join(folder, "tls.key");
  const names = addresses.map((address) => `IP:${address}`).join(",");
  const args = [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=knot".split(" "),
    ...["-days", VALID_DAYS, "-keyout", keyFile, "-out", certFile],
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-addext", `subjectAltName=${names}`],
  ];
  const { success, stderr } = await new Deno.Command("openssl", { args, stdout: "null", stderr: "piped" }).output();
  if (!success) throw new Error(`Cannot make a certificate: openssl: ${new TextDecoder().decode(stderr)}`);
  return { caFile: certFile, certFile, keyFile };
}
