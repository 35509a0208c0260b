import type { EventLog } from './event-log.ts';

/** How long a deed that is repeated is only counted. */
const WINDOW_MS = 60_000;
/** How many kinds of deeds of one name are counted each for itself; more of the same call are counted together. */
const MAX_KINDS = 20;

/** What somebody did, or tried to do. */
export interface Deed {
  call: string;
  who: string;
  accessor?: string;
  address: string;
  result: string;
  [detail: string]: unknown;
}

interface Counted {
  deed: Deed;
  more: number;
  timer: NodeJS.Timeout;
}

/**
 * Adds to the log what can be done as often as one likes, such as to be refused: the first time at once, and after a
 * while how often it was done again. So it pushes nobody else's deeds out of the audit trail.
 */
export class CountedDeeds {
  /** By name and accessor, then by call and what it is about. */
  private readonly byWho = new Map<string, Map<string, Counted>>();

  constructor(
    private readonly events: Pick<EventLog, 'add'>,
    private readonly windowMs = WINDOW_MS,
  ) {}

  /** `about`: what tells deeds of one call apart, such as the name of a drone. */
  add(deed: Deed, about = ''): void {
    // A token is not the one that had its name before.
    const who = `${deed.who} ${deed.accessor ?? ''}`;
    const kinds = this.byWho.get(who) ?? new Map<string, Counted>();
    this.byWho.set(who, kinds);
    const own = `${deed.call} ${about}`;
    const key = kinds.has(own) || kinds.size < MAX_KINDS ? own : deed.call;
    const counted = kinds.get(key);
    if (counted) {
      counted.more++;
      return;
    }
    this.events.add({ ...deed, type: 'called' });
    const timer = setTimeout(() => this.end(who, key), this.windowMs).unref();
    kinds.set(key, { deed, more: 0, timer });
  }

  /** Adds all counts now. */
  close(): void {
    for (const [who, kinds] of this.byWho) for (const key of [...kinds.keys()]) this.end(who, key);
  }

  private end(who: string, key: string): void {
    const kinds = this.byWho.get(who);
    const counted = kinds?.get(key);
    if (!kinds || !counted) return;
    clearTimeout(counted.timer);
    kinds.delete(key);
    if (kinds.size === 0) this.byWho.delete(who);
    if (counted.more > 0) this.events.add({ ...counted.deed, more: counted.more, type: 'called' });
  }
}
