import { join } from "node:path";

/** Paths of a private authority's certificate, and of a certificate for loopback that it signed, with its key. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Longer than any demonstration, shorter than the limit that browsers set. */
const VALID_DAYS = "30";

/**
 * Makes a private authority and one certificate for `localhost`, `127.0.0.1` and `::1` in `folder`, with openssl.
 *
 * @throws {Error} if openssl is missing or refuses
 */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl([
    ..."req -x509 -subj".split(" "),
    "/CN=knot test authority",
    ...newKey,
    ...["-days", VALID_DAYS, "-keyout", file("ca.key"), "-out", file("ca.pem")],
    ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
  ]);
  await openssl([
    "req",
    "-new",
    "-subj",
    "/CN=localhost",
    ...newKey,
    "-keyout",
    file("tls.key"),
    "-out",
    file("tls.csr"),
  ]);
  await Deno.writeTextFile(
    file("tls.ext"),
    "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n",
  );
  await openssl([
    ...["x509", "-req", "-in", file("tls.csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"],
    ...["-days", VALID_DAYS, "-extfile", file("tls.ext"), "-out", file("tls.pem")],
  ]);
  return { caFile: file("ca.pem"), certFile: file("tls.pem"), keyFile: file("tls.key") };
}

async function openssl(args: string[]): Promise<void> {
  const command = new Deno.Command("openssl", { args, stdout: "null", stderr: "piped" });
  const { success, stderr } = await command.output().catch(() => {
    throw new Error("Cannot make certificates: openssl is not installed");
  });
  if (!success) throw new Error(`Cannot make certificates: openssl: ${new TextDecoder().decode(stderr)}`);
}
