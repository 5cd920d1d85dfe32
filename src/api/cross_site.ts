/**
 * Whether a browser sends this request for a page of another site, by the request's own headers (Go's http.CrossOriginProtection works
 * the same way). Clients that are no browsers send neither header, and hold no cookie that a foreign page could use.
 */
export function isCrossSite(request: Request, publicUrl: string): boolean {
  if (["GET", "HEAD", "OPTIONS"].includes(request.method)) return false;
  const fetchSite = request.headers.get("Sec-Fetch-Site");
  const origin = request.headers.get("Origin");
  if (fetchSite === "same-origin" || fetchSite === "none") return false;
  if (origin === null) return fetchSite !== null;
  const ours = [request.headers.get("Host"), new URL(request.url).host, URL.parse(publicUrl)?.host];
  // A browser that tells "same-site" or "cross-site" is believed, unless a proxy made our own page look like another host's.
  return fetchSite === null ? !ours.includes(URL.parse(origin)?.host) : origin !== URL.parse(publicUrl)?.origin;
}
