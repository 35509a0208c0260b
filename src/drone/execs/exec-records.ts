import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ID_PATTERN } from '../../protocol/names.ts';
import { makeDirectory } from '../../system/json-file.ts';

/**
 * The execs that run, as an empty file `exec/ID` each. One that is there when a drone starts was running when the previous
 * drone was killed: its client is gone, so it has to end. What an exec has left behind when it ended by itself is the user's.
 */
export class ExecRecords {
  private readonly interrupted: ReadonlySet<string>;
  private readonly folder: string;

  /** Throws EIO if the folder cannot be made. */
  constructor(dir: string) {
    this.folder = join(dir, 'exec');
    makeDirectory(this.folder);
    this.interrupted = new Set(readdirSync(this.folder).filter((name) => ID_PATTERN.test(name)));
    for (const id of this.interrupted) this.remove(id);
  }

  /** Returns true if what runs under this id, and is nothing else's, was left behind by an exec that has ended. */
  isLeftBehind(id: string): boolean {
    return ID_PATTERN.test(id) && !this.interrupted.has(id);
  }

  /** Not durable: no process survives a power failure. */
  add(id: string): void {
    try {
      writeFileSync(join(this.folder, id), '', { mode: 0o600 });
    } catch {
      // The disk is full. It only matters if the drone is killed while this exec runs, which then goes on.
    }
  }

  remove(id: string): void {
    rmSync(join(this.folder, id), { force: true });
  }
}
