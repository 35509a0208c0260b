import { join } from 'node:path';
import * as v from 'valibot';
import { fence as schema } from '../protocol/app-words.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { type Fence, fenceAbove, isLower } from '../protocol/fence.ts';
import { readJson, writeJson } from '../system/json-file.ts';
import { putAside } from '../system/put-aside.ts';

/** Who decides, though a drone has refused an order: this hub all the same, another one, or whom only people can tell. */
export type Decider = 'here' | 'elsewhere' | 'unknown';

/** Where the fences of a hub's orders come from. */
export interface FenceSource {
  /** Returns null while this hub may give no orders by itself. */
  of(app: string): Fence | null;
  /** From now on, the fence of the app is higher than this one. Throws ELIMIT if there is none. */
  raiseAbove(app: string, fence: Fence): void;
  /** A drone has refused an order for this fence. */
  refused(fence: Fence): Promise<Decider>;
}

/**
 * How often a hub was started in its directory, in `starts.json`: the fence of a hub that shares no engine with others.
 * In a new directory the count begins anew, and so does what is compared first, the time when it began.
 */
export class StartCount implements FenceSource {
  private readonly path: string;
  private fence: Fence;

  /** Counts one more start. A file that cannot be read is put aside; that, and what cannot be written, is logged. */
  constructor(
    dir: string,
    private readonly log: (line: string) => void,
  ) {
    this.path = join(dir, 'starts.json');
    this.fence = this.next();
    this.save();
  }

  of(): Fence {
    return this.fence;
  }

  raiseAbove(_app: string, fence: Fence): void {
    if (!isLower(this.fence, fence)) return;
    const above = fenceAbove(fence);
    if (!above)
      throw new FleetError(
        'ELIMIT',
        'a drone has taken orders with the highest fence; remove fences.json there',
      );
    this.fence = above;
    this.save();
  }

  async refused(): Promise<Decider> {
    return 'unknown';
  }

  private next(): Fence {
    try {
      const read = readJson(this.path);
      const next = read === undefined ? null : fenceAbove(v.parse(schema, read));
      if (next) return next;
    } catch (error) {
      const aside = `${this.path} cannot be read (${messageOf(error)}) and is now`;
      this.log(`${aside} ${putAside(this.path)}; starts are counted anew`);
    }
    return { created: Date.now(), count: 1 };
  }

  private save(): void {
    try {
      writeJson(this.path, { version: 1, ...this.fence });
    } catch (error) {
      // With the same count once more, nothing is lost: there is no other hub that it could be taken for.
      this.log(messageOf(error));
    }
  }
}
