/** First words of an HTTP request or answer, four bytes each (RFC 9112 §3, §4; `PRI ` opens HTTP/2). */
const HTTP_STARTS = ["GET ", "POST", "PUT ", "HEAD", "OPTI", "CONN", "DELE", "PATC", "TRAC", "PRI ", "HTTP"];
const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;

/**
 * True when a stream's first bytes are those of HTTP: a browser or a websocket peer at a TCP port, or a web server's
 * answer to ours. Looks at four bytes; fewer are no answer.
 */
export function looksLikeHttp(chunk: Uint8Array): boolean {
  return chunk.length >= 4 && HTTP_STARTS.includes(String.fromCharCode(...chunk.subarray(0, 4)));
}

/** True when a stream's first bytes are a TLS record: a greeting (`wss://` peer) or an alert (RFC 8446 §5.1). */
export function looksLikeTls(chunk: Uint8Array): boolean {
  return chunk.length >= 3 && (chunk[0] === TLS_HANDSHAKE || chunk[0] === TLS_ALERT) && chunk[1] === 3 && chunk[2] <= 4;
}
