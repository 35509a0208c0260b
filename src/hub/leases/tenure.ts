/** How long a lease lasts at the engine after it was taken or renewed. */
export const LEASE_MS = 9_000;
/** Parts of that time, since the last renewal that was answered was sent: by this hub's monotonic clock, as no other tells. */
const RENEW_AFTER = 1 / 3;
const GIVE_UP_AFTER = 2 / 3;

/** A lease that this hub has taken. */
export interface Tenure {
  /** That of the moment when it was taken: higher than that of everybody who had it before. */
  count: number;
  /** The revision that the next renewal replaces. */
  revision: number;
  /** When what was answered last was sent, by performance.now. */
  sentAt: number;
}

/**
 * Returns true while nobody else can have the lease. It ends well before the engine lets it go, so that clocks may run at
 * somewhat different speeds, and a hub that was stopped for a while notices before it does anything.
 */
export function isHeld({ sentAt }: Tenure, now: number, leaseMs: number): boolean {
  return now - sentAt < leaseMs * GIVE_UP_AFTER;
}

/** Returns how many milliseconds are left until it is to be renewed; 0 if it is due. */
export function renewIn({ sentAt }: Tenure, now: number, leaseMs: number): number {
  return Math.max(0, sentAt + leaseMs * RENEW_AFTER - now);
}

/** Returns how many milliseconds are left until it is given up; 0 if it is. */
export function endsIn({ sentAt }: Tenure, now: number, leaseMs: number): number {
  return Math.max(0, sentAt + leaseMs * GIVE_UP_AFTER - now);
}

/** Returns the tenure after a renewal. */
export function renewed(tenure: Tenure, revision: number, sentAt: number): Tenure {
  return { ...tenure, revision, sentAt };
}

/** Returns when somebody who does not have a lease tries next, in ms: not all at the same moment. */
export function tryIn(leaseMs: number, random: number): number {
  return leaseMs * (1 / 12 + random / 12);
}

/** What is stored of a lease; `token` distinguishes its holder from an earlier one of the same name. */
export function leaseContent(holder: string, token: string): Buffer {
  return Buffer.from(JSON.stringify({ holder, token }));
}

/** Returns who has written this; null if no hub has. */
export function holderIn(content: Buffer): string | null {
  try {
    const { holder } = JSON.parse(content.toString()) as { holder?: unknown };
    return typeof holder === 'string' ? holder : null;
  } catch {
    return null;
  }
}
