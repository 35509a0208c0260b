import { join } from 'node:path';
import * as v from 'valibot';
import { fences as schema } from '../protocol/app-words.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { type Fence, isLower, type OrderFence } from '../protocol/fence.ts';
import { BoundedMap } from '../system/bounded-map.ts';
import { readJson, writeJson } from '../system/json-file.ts';
import { putAside } from '../system/put-aside.ts';

/** Apps whose fences are kept; beyond that, the one that has changed longest ago is forgotten. */
const MAX_APPS = 10_000;

const fileSchema = v.looseObject({ version: v.optional(v.literal(1), 1), apps: schema });

/**
 * The highest fence of the orders about each app, in `fences.json`: a hub that another one has taken over from, and that
 * was paused meanwhile, starts and stops nothing any more.
 */
export class Fences {
  private readonly path: string;
  private readonly apps = new BoundedMap<string, Fence>(MAX_APPS);

  /** A damaged file is put aside, and `problem` gets a line about it. Throws EIO. */
  constructor(dir: string, problem: (line: string) => void) {
    this.path = join(dir, 'fences.json');
    for (const [app, fence] of Object.entries(this.read(problem))) this.apps.set(app, fence);
  }

  /**
   * Records the fence of an order, durably, before the order is carried out. Throws ESTALE if a higher one was seen, EIO
   * if it cannot be recorded.
   */
  admit({ app, ...fence }: OrderFence): void {
    const highest = this.apps.get(app);
    if (highest && isLower(fence, highest))
      throw new FleetError(
        'ESTALE',
        `the order about ${app} is of a hub that another one has taken over from, or whose directory is an old copy; fleet up or fleet rollback decides`,
      );
    if (highest && !isLower(highest, fence)) return;
    const apps = { ...this.highest(), [app]: fence };
    writeJson(this.path, { version: 1, apps });
    this.apps.set(app, fence);
  }

  /** Returns the highest fence that was seen, by app. */
  highest(): Record<string, Fence> {
    return Object.fromEntries(this.apps);
  }

  private read(problem: (line: string) => void): Record<string, Fence> {
    try {
      const read = readJson(this.path);
      return read === undefined ? {} : v.parse(fileSchema, read).apps;
    } catch (error) {
      if (error instanceof FleetError && error.code === 'EIO') throw error;
      problem(`${this.path} was damaged (${messageOf(error)}) and is now ${putAside(this.path)}`);
      return {};
    }
  }
}
