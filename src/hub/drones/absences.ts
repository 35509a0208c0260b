import type { DroneDirectory } from './directory.ts';

/**
 * How long drones have been away, as far as that says something about them: only while this hub runs, and not while more than
 * half of all drones are lost, since then it is rather the network that has failed.
 */
export class Absences {
  /** What was counted when each drone was lost. */
  private readonly since = new Map<string, number>();
  private countedMs = 0;
  private at = performance.now();
  private isCounting: boolean;

  constructor(private readonly directory: Pick<DroneDirectory, 'on' | 'counts' | 'get'>) {
    this.isCounting = this.isMeaningful();
    directory
      .on('joined', ({ name }) => {
        this.count();
        this.since.delete(name);
      })
      .on('lost', ({ name }) => {
        this.count();
        this.since.set(name, this.countedMs);
      })
      .on('forgotten', () => this.count());
  }

  /** Returns the milliseconds that a drone has been away; 0 if it is connected. */
  of(name: string): number {
    if (this.directory.get(name)?.connection) return 0;
    this.count();
    const since = this.since.get(name) ?? this.countedMs;
    this.since.set(name, since);
    return this.countedMs - since;
  }

  private count(): void {
    const now = performance.now();
    if (this.isCounting) this.countedMs += now - this.at;
    this.at = now;
    this.isCounting = this.isMeaningful();
  }

  private isMeaningful(): boolean {
    const { all, lost } = this.directory.counts;
    return lost * 2 <= all;
  }
}
