import assert from "node:assert/strict";
import type { Io } from "./io.ts";
import { runIn } from "./run_fixture.ts";

/** A network with one server, which answers by path; notes what it was asked. */
function network(answers: Record<string, () => Response>) {
  const asked: Array<{ url: string; authorization?: string; caCerts?: readonly string[] }> = [];
  const fetch: Io["fetch"] = (url, { headers, caCerts }) => {
    asked.push({ url, authorization: headers?.Authorization, caCerts });
    return Promise.resolve(answers[new URL(url).pathname]?.() ?? new Response(null, { status: 404 }));
  };
  return { asked, fetch };
}

const healthy = { "/healthz": () => new Response("OK") };

Deno.test("knot ping asks the configured server", async () => {
  const { asked, fetch } = network(healthy);
  const ran = await runIn({ io: { fetch, env: { KNOT_URL: "https://knot.internal" } } }, "ping");
  assert.deepEqual(ran, { code: 0, stdout: "https://knot.internal is healthy\n", stderr: "" });
  assert.deepEqual(asked, [{ url: "https://knot.internal/healthz", authorization: undefined, caCerts: [] }]);
});

Deno.test("knot ping with a token shows version and zone", async () => {
  const about = () => Response.json({ status: true, version: "0.1.0", zone: "au\u001b[2J" });
  const { asked, fetch } = network({ ...healthy, "/api/ping": about });
  const ran = await runIn({ io: { fetch } }, "ping", "--server", "http://127.0.0.1:4000/", "--token", "t0ken");
  assert.equal(ran.stdout, "http://127.0.0.1:4000 is healthy\nVersion: 0.1.0\nZone: au?[2J\n");
  assert.equal(asked[1].authorization, "Bearer t0ken");
});

Deno.test("knot ping trusts the configured private authority", async () => {
  const pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
  const { asked, fetch } = network(healthy);
  await runIn({ io: { fetch }, files: { "/work/ca.pem": pem } }, "ping", "--ca-file", "ca.pem");
  assert.deepEqual(asked[0].caCerts, [pem]);
});

Deno.test("knot ping fails with one line that says why", async () => {
  const ping = async (fetch: Io["fetch"], ...args: string[]) => {
    const { code, stdout, stderr } = await runIn({ io: { fetch } }, "ping", "--server", "http://h", ...args);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    return stderr;
  };
  const refused = new TypeError("error sending request for url (http://h/): client error (Connect): refused");
  assert.equal(await ping(() => Promise.reject(refused)), "knot: Cannot reach http://h: refused\n");
  const tls = new TypeError("error sending request for url (http://h/): client error: invalid HTTP version parsed");
  assert.match(await ping(() => Promise.reject(tls)), /invalid HTTP version parsed \(does it want https:\/\/\?\)\n$/);
  const late = new DOMException("Signal timed out.", "TimeoutError");
  assert.equal(await ping(() => Promise.reject(late)), "knot: Cannot reach http://h: no answer within 10 s\n");
  const { fetch: ill } = network({ "/healthz": () => new Response(null, { status: 503 }) });
  assert.equal(await ping(ill), "knot: http://h is not healthy: /healthz answered 503\n");
  const { fetch: strange } = network({ ...healthy, "/api/ping": () => new Response(null, { status: 401 }) });
  assert.equal(await ping(strange, "--token", "t"), "knot: http://h does not accept the token\n");
  const { fetch: other } = network({ ...healthy, "/api/ping": () => new Response("<html>") });
  assert.match(await ping(other, "--token", "t"), /is not JSON/);
});

Deno.test("knot ping takes a server that is no URL as wrong usage", async () => {
  const { code, stderr } = await runIn({}, "ping", "--server", "knot1:3000");
  assert.equal(code, 2);
  assert.match(stderr, /^knot: Cannot ask "knot1:3000": must be a URL/);
});
