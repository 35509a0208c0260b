import { messageOf } from '../../protocol/errors.ts';
import { KeptRecords } from '../store/kept-records.ts';
import type { Store } from '../store/store.ts';

/** Numbers reserved at a time. */
const BLOCK_SIZE = 10_000;

/**
 * Numbers events: each is one higher than the last, and none is used twice, even across restarts. A block of them is
 * reserved on disk before it is used, so that a new number costs no write.
 */
export class EventNumbers {
  private reserved: number;

  /** `last` is the number up to which they were reserved before; `reserve` records a new one. */
  constructor(
    public last: number,
    private readonly reserve: (upTo: number) => void,
  ) {
    this.reserved = last;
  }

  next(): number {
    this.last++;
    if (this.last + BLOCK_SIZE / 2 > this.reserved) {
      this.reserved = this.last + BLOCK_SIZE;
      this.reserve(this.reserved);
    }
    return this.last;
  }
}

/** Returns the numbers of a hub, which go on where those of the one before it in its directory ended. */
export async function storedNumbers(store: Store, log: (line: string) => void): Promise<EventNumbers> {
  const kept = await KeptRecords.open(store, ['events'], ({ value }) => value);
  const last = kept.all.get('events');
  return new EventNumbers(Number.isSafeInteger(last) ? Number(last) : 0, (upTo) => {
    kept.change(() => ({ next: [['events', upTo]] })).catch((error) => log(messageOf(error)));
  });
}
