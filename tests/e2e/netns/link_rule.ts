/** Packets that the router drops: all of these, or a share of them. What is left out of the rule matches everything. */
export interface LinkRule {
  /** Address of the sender. */
  readonly from?: string;
  /** Address of the receiver. */
  readonly to?: string;
  readonly protocol?: "udp" | "tcp";
  /** Of a hundred packets, so many are lost, by chance; default: all. */
  readonly lossPercent?: number;
  /** They are counted only, and go on their way. */
  readonly countOnly?: boolean;
}

/** Bytes, with their Ethernet headers, and packets since the lab was made. */
export interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
}

/** The port of the router that the tests' own requests come through; they are never lost. */
export const TESTERS_PORT = "ops";

/** All of the router's nftables rules. They replace the former ones in one step, so that no packet meets half of them. */
export function ruleset(rules: readonly LinkRule[]): string {
  return [
    "flush ruleset",
    "table inet lab {",
    "  chain forward {",
    "    type filter hook forward priority 0; policy accept;",
    `    iifname "${TESTERS_PORT}" accept`,
    `    oifname "${TESTERS_PORT}" accept`,
    ...rules.map((rule) => `    ${line(rule)}`),
    "  }",
    "}",
  ].join("\n");
}

/** How many packets each rule has dropped, or counted, since it came into force, from the router's list of them. */
export function droppedPackets(listed: string): number[] {
  return [...listed.matchAll(/counter packets (\d+)/g)].map(([, count]) => Number(count));
}

function line({ from, to, protocol, lossPercent, countOnly = false }: LinkRule): string {
  return [
    from && `ip saddr ${from}`,
    to && `ip daddr ${to}`,
    protocol && `meta l4proto ${protocol}`,
    lossPercent !== undefined && `numgen random mod 100 < ${lossPercent}`,
    countOnly ? "counter" : "counter drop",
  ].filter(Boolean).join(" ");
}
