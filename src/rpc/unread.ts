/** Connections that are sent more than this between them are looked at. */
const LOOK_EVERY_BYTES = 4 * 1024 * 1024;

/** The most that may wait for peers, in bytes. */
export interface UnreadLimits {
  /** For all connections of one owner. */
  ofOne: number;
  ofAll: number;
}

/** A connection, with the bytes that wait for it. */
export interface Reader {
  readonly buffered: number;
}

/** Whose each connection is; null for whoever is limited only together with all others. */
export type Owners<R extends Reader> = ReadonlyMap<R, string | null>;

/** Limits what waits for all connections together: each of them is limited by itself, and there may be thousands. */
export class Unread<R extends Reader> {
  private sentBytes = 0;

  constructor(
    private readonly owners: Owners<R>,
    private readonly limits: UnreadLimits,
    private readonly end: (reader: R) => void,
  ) {}

  /** Counts what was sent, and ends connections if too much waits. */
  readonly sent = (bytes: number): void => {
    this.sentBytes += bytes;
    if (this.sentBytes < LOOK_EVERY_BYTES) return;
    this.sentBytes = 0;
    for (const reader of slowest(this.owners, this.limits)) this.end(reader);
  };
}

/** Returns the connections to end, those that most waits for first, so that what waits for the others is within limits. */
export function slowest<R extends Reader>(owners: Owners<R>, { ofOne, ofAll }: UnreadLimits): R[] {
  const sums = new Map<string | null, number>();
  let all = 0;
  const waiting = [...owners].map(([reader, owner]) => ({ reader, owner, bytes: reader.buffered }));
  for (const { owner, bytes } of waiting) {
    all += bytes;
    sums.set(owner, (sums.get(owner) ?? 0) + bytes);
  }
  if (all <= Math.min(ofOne, ofAll)) return [];
  const ended: R[] = [];
  for (const { reader, owner, bytes } of waiting.sort((a, b) => b.bytes - a.bytes)) {
    const own = sums.get(owner) ?? 0;
    const isTooMuch = all > ofAll || (owner !== null && own > ofOne);
    if (bytes === 0 || !isTooMuch) continue;
    ended.push(reader);
    all -= bytes;
    sums.set(owner, own - bytes);
  }
  return ended;
}
