import { newId } from '../protocol/names.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { Execs } from './execs.ts';

/** Gives out process ids, one of a kind on this hub, and on all that share its drones. */
export class ProcessIds {
  /** Given out, and not reported by a drone yet. */
  private readonly promised = new Set<string>();

  constructor(
    private readonly directory: Pick<DroneDirectory, 'hasId'>,
    private readonly execs: Pick<Execs, 'has'>,
    /** Which part of all ids is this hub's; null for all. */
    private readonly range: number | null = null,
  ) {}

  /** Returns an id that nobody else gets, until it is released: by then its process is known, or there is none. */
  reserve(): string {
    const isTaken = (id: string) => this.promised.has(id) || this.directory.hasId(id) || this.execs.has(id);
    const id = newId(isTaken, this.range);
    this.promised.add(id);
    return id;
  }

  release(id: string): void {
    this.promised.delete(id);
  }
}
