/** The configured peers without this server itself. */
export function otherPeers(peers: readonly string[], ownAddress: string): string[] {
  return peers.filter((address) => plain(address) !== plain(ownAddress));
}

/** An address without what makes no difference to whom it leads. */
function plain(address: string): string {
  return address.toLowerCase().replace(/\/+$/, "");
}
