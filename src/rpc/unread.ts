import { FleetError } from '../protocol/errors.ts';
import { monotonicMs } from '../system/monotonic.ts';

/** Connections that are sent more than this between them are looked at. */
const LOOK_EVERY_BYTES = 4 * 1024 * 1024;
/** For so long, and until so much more was sent, sums stay as they are. */
const SUMS_FOR_MS = 10;
const SUMS_FOR_BYTES = 1024 * 1024;

/** The most that may wait for peers, in bytes: beyond that, some are ended. */
export interface UnreadLimits {
  /** For all connections of one owner. */
  ofOne: number;
  ofAll: number;
  held: HoldLimits;
}

/** What may wait for peers, in bytes, until no more calls of theirs are begun. */
interface HoldLimits {
  /** For one connection. */
  each: number;
  /** For all connections of one owner. */
  ofOne: number;
  /** For all connections: beyond that, no calls of those for whom anything waits. */
  ofAll: number;
}

const { POSITIVE_INFINITY } = Number;
export const UNLIMITED: UnreadLimits = {
  ofOne: POSITIVE_INFINITY,
  ofAll: POSITIVE_INFINITY,
  held: { each: POSITIVE_INFINITY, ofOne: POSITIVE_INFINITY, ofAll: POSITIVE_INFINITY },
};

/** A connection, with the bytes that wait for it. */
export interface Reader {
  readonly buffered: number;
}

/** Whose each connection is; null for whoever is limited only together with all others. */
export type Owners<R extends Reader> = ReadonlyMap<R, string | null>;

/** Limits what waits for all connections together: each of them is limited by itself, and there may be thousands. */
export class Unread<R extends Reader> {
  private sentBytes = 0;
  private sums: Sums = { byOwner: new Map(), all: 0 };
  private summedAt = Number.NEGATIVE_INFINITY;
  private sentSince = 0;

  constructor(
    private readonly owners: Owners<R>,
    private readonly limits: UnreadLimits,
    private readonly end: (reader: R) => void,
  ) {}

  /** Counts what was sent, and ends connections if too much waits. */
  readonly sent = (bytes: number): void => {
    this.sentBytes += bytes;
    this.sentSince += bytes;
    if (this.sentBytes < LOOK_EVERY_BYTES) return;
    this.sentBytes = 0;
    for (const reader of slowest(this.owners, this.limits)) this.end(reader);
  };

  /** Returns true if so much waits that nothing more should be asked for. */
  holds(reader: R): boolean {
    const { each, ofOne, ofAll } = this.limits.held;
    const own = reader.buffered;
    if (own > each) return true;
    const owner = this.owners.get(reader) ?? null;
    const { byOwner, all } = this.recentSums();
    if (owner !== null && (byOwner.get(owner) ?? 0) > ofOne) return true;
    return all > ofAll && own > 0;
  }

  private recentSums(): Sums {
    const now = monotonicMs();
    // If little waited, and little was sent since, little waits.
    const isMuch = this.sums.all > SUMS_FOR_BYTES;
    if (this.sentSince > SUMS_FOR_BYTES || (isMuch && now - this.summedAt > SUMS_FOR_MS)) {
      this.sums = sumsOf(this.owners);
      this.summedAt = now;
      this.sentSince = 0;
    }
    return this.sums;
  }
}

interface Sums {
  byOwner: Map<string | null, number>;
  all: number;
}

function sumsOf(owners: Owners<Reader>): Sums {
  const byOwner = new Map<string | null, number>();
  let all = 0;
  for (const [{ buffered }, owner] of owners) {
    all += buffered;
    byOwner.set(owner, (byOwner.get(owner) ?? 0) + buffered);
  }
  return { byOwner, all };
}

/** Returns the connections to end, those that most waits for first, so that what waits for the others is within limits. */
export function slowest<R extends Reader>(
  owners: Owners<R>,
  { ofOne, ofAll }: Pick<UnreadLimits, 'ofOne' | 'ofAll'>,
): R[] {
  const { byOwner, ...sums } = sumsOf(owners);
  let { all } = sums;
  if (all <= Math.min(ofOne, ofAll)) return [];
  const waiting = [...owners].map(([reader, owner]) => ({ reader, owner, bytes: reader.buffered }));
  const ended: R[] = [];
  for (const { reader, owner, bytes } of waiting.sort((a, b) => b.bytes - a.bytes)) {
    const own = byOwner.get(owner) ?? 0;
    const isTooMuch = all > ofAll || (owner !== null && own > ofOne);
    if (bytes === 0 || !isTooMuch) continue;
    ended.push(reader);
    all -= bytes;
    byOwner.set(owner, own - bytes);
  }
  return ended;
}

/** Why a peer is terminated of which nothing could be read for long. */
export function heldError(): FleetError {
  return new FleetError('ELIMIT', 'it does not read what it is sent, or what it has asked for does not end');
}

/** Why a peer is terminated for which too much waits. */
export function unreadError(): FleetError {
  return new FleetError('ELIMIT', 'it does not read what it is sent');
}
