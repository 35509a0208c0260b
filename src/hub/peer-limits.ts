const MIB = 1024 * 1024;

/** Limits for one peer, and for the number of peers. */
export const PEER_LIMITS = {
  /** Calls in progress at once. A drone reports in bursts, a client does one thing at a time. */
  maxPending: 10_000,
  /** Messages per second, in the long run. */
  rate: 20_000,
  maxPeers: 10_000,
  maxPeersPerAddress: 5_000,
  maxUnderWay: 16 * MIB,
  maxUnfinished: 64 * MIB,
  maxUnread: {
    ...{ ofOne: 128 * MIB, ofAll: 512 * MIB },
    held: { each: 8 * MIB, ofOne: 16 * MIB, ofAll: 128 * MIB },
  },
};
