/** SWIM's and Lifeguard's knobs. One preset serves a rack and the planet: deadlines follow the round-trip time seen to each peer. */
export interface MembershipConfig {
  /** Milliseconds between the starts of two probe rounds of one node. Detection time and idle traffic follow it. */
  readonly probePeriodMs: number;
  /** Milliseconds after which an unanswered round suspects its target; at most 0.6 of the period. Far peers get more, see `farPeerFactor`. */
  readonly probeDeadlineMs: number;
  /** Milliseconds between direct tries within one round, unless the round-trip time asks for more. */
  readonly directRetryMs: number;
  /** The deadline of a round is at least this many retransmission timeouts of the target. */
  readonly farPeerFactor: number;
  /** Members asked to ping on our behalf, in each of the two indirect waves (SWIM §3.1's k). */
  readonly indirectHelpers: number;
  /** Suspicion lasts at least `suspicionFactor` × log10(members) periods, see {@link suspicionTimeoutMs}. */
  readonly suspicionFactor: number;
  /** Without confirmations suspicion lasts so many times longer (Lifeguard's β). */
  readonly suspicionMaxFactor: number;
  /** Independent confirmations that bring suspicion down to its least (Lifeguard's K). */
  readonly suspicionConfirmations: number;
  /** Each statement is sent `retransmitFactor` × log10(members + 1) times by each node, rounded up (SWIM §4.1's λ). */
  readonly retransmitFactor: number;
  /** Milliseconds between two waves of gossip while there is news. */
  readonly gossipIntervalMs: number;
  /** Members told in each wave. */
  readonly gossipFanout: number;
  /** Milliseconds between tries of a dead member or a configured peer, during the first ten minutes. */
  readonly retryFastMs: number;
  /** And afterwards, for ever. */
  readonly retrySlowMs: number;
  /** How long the fast tries last, in milliseconds. */
  readonly retryFastForMs: number;
  /** Greatest local health multiplier (Lifeguard's S). */
  readonly localHealthMax: number;
  /** Milliseconds between two full exchanges of member lists with one peer whose fingerprint differs. */
  readonly membersExchangeMs: number;
}

export const defaultMembershipConfig: MembershipConfig = {
  probePeriodMs: 1_000, // SWIM's own setting.
  probeDeadlineMs: 580, // Room for six direct tries and two waves of helpers on a 10 ms link; 600 would be the most.
  directRetryMs: 80, // Seven tries within the deadline: at 20 % loss one round in a thousand hangs on its helpers.
  farPeerFactor: 4, // A 300 ms link gets tries, helpers and a late answer into its own deadline.
  indirectHelpers: 3, // memberlist's choice.
  suspicionFactor: 1.5, // With three confirmations a crash in 100 servers is settled in 4 s: time for a few refutations to get lost,
  suspicionMaxFactor: 6, // a lone accuser must wait six times longer: others look at once, so it may well be its own fault.
  suspicionConfirmations: 3, // Lifeguard's choice.
  retransmitFactor: 4, // memberlist's choice.
  gossipIntervalMs: 100, // Four hops reach 1,000 nodes.
  gossipFanout: 4,
  retryFastMs: 5_000, // A rebooting machine is found again within seconds,
  retrySlowMs: 60_000, // one that is gone for long costs a packet a minute.
  retryFastForMs: 600_000,
  localHealthMax: 8, // Lifeguard's S.
  membersExchangeMs: 1_000,
};
