import { Hono } from "hono";
import { type Admission, type WebsocketOptions, websocketTransport } from "../../src/transport/mod.ts";
import type { TransportWorld } from "./transport_suite.ts";

/** A certificate for `localhost` and 127.0.0.1, and the authority that issued it, all PEM. */
export interface Certificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Stands in for the proof of the key: a response names the key and the challenge in clear. */
export function clearAdmission(key: string): Admission {
  let issued = 0;
  return {
    challenge: () => `challenge-${++issued}`,
    respond: (challenge) => `${key}.${challenge}`,
    check(response) {
      const match = /^([a-z-]+)\.challenge-(\d+)$/.exec(response);
      if (!match) return "garbage";
      if (match[1] !== key) return "other_key";
      return Number(match[2]) > issued ? "expired" : "accepted";
    },
  };
}

/** Ends that are web servers on loopback, with TLS where a certificate is given. */
export function websocketWorld(
  certificate: Certificate | undefined,
  overrides: Partial<WebsocketOptions> = {},
): TransportWorld {
  const scheme = certificate ? "wss" : "ws";
  const host = certificate ? "localhost" : "127.0.0.1";
  return {
    async open(handlers, options) {
      const app = new Hono();
      const tls = certificate ? { cert: certificate.cert, key: certificate.key } : {};
      const server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {}, ...tls },
        (request, info) => app.fetch(request, info),
      );
      const transport = websocketTransport({
        advertiseAddr: `${scheme}://${host}:${server.addr.port}/`,
        admission: clearAdmission("key"),
        caCerts: certificate ? [certificate.ca] : [],
        ...options,
        ...overrides,
      });
      app.get("/cluster", transport.clusterRoute);
      await transport.start(handlers);
      return {
        transport,
        address: transport.address,
        async [Symbol.asyncDispose]() {
          await transport[Symbol.asyncDispose]();
          await server.shutdown();
        },
      };
    },
    deadAddress() {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return `${scheme}://${host}:${(listener.addr as Deno.NetAddr).port}`;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Makes a certificate with openssl in a folder of its own; undefined where there is no openssl. */
export async function makeCertificate(): Promise<Certificate | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "knot-certificate-" });
  const path = (name: string) => `${folder}/${name}`;
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  try {
    await Deno.writeTextFile(path("ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
    const caFiles = ["-keyout", path("ca.key"), "-out", path("ca.pem")];
    await openssl(["req", "-x509", ...curve, "-days", "2", "-subj", "/CN=test authority", ...caFiles]);
    await openssl(["req", ...curve, "-subj", "/CN=localhost", "-keyout", path("key.pem"), "-out", path("csr.pem")]);
    const issuer = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "2"];
    await openssl([
      "x509",
      "-req",
      "-in",
      path("csr.pem"),
      ...issuer,
      "-extfile",
      path("ext"),
      "-out",
      path("cert.pem"),
    ]);
    const [ca, cert, key] = await Promise.all(
      ["ca.pem", "cert.pem", "key.pem"].map((name) => Deno.readTextFile(path(name))),
    );
    return { ca, cert, key };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function openssl(args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, stdout: "null", stderr: "piped" }).output();
  if (!success) throw new Error(`openssl ${args[0]} failed: ${new TextDecoder().decode(stderr)}`);
}
