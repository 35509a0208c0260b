import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { sweepMirror } from '../../git/mirror.ts';
import { removeUnfinished } from '../../system/write-whole.ts';
import type { ReleaseStore } from './store.ts';

/** A git may still be writing there, if the system does not show the marks of processes. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };

/** What a killed drone left unfinished, as found when this one started. */
export class Leftovers {
  private readonly directories: string[];
  private readonly mirrors: string[];
  private readonly folder: string;

  /** Throws EIO. */
  constructor(store: ReleaseStore) {
    const isLeft = (name: string) => name.startsWith('.tmp-') || name.startsWith('.old-');
    const mirrors = store.mirrors();
    this.directories = [
      ...store
        .directories()
        .filter(isLeft)
        .map((name) => store.pathOf(name)),
      ...mirrors.filter((path) => /^\.(new|old)-/.test(basename(path))),
      ...store.unfinished(),
    ];
    this.mirrors = mirrors.filter((path) => !basename(path).startsWith('.'));
    this.folder = store.folder;
  }

  /** Removes them. No git of the killed drone may be running any more. */
  remove(): void {
    removeUnfinished(this.folder);
    for (const path of this.directories) attempt(() => rmSync(path, REMOVAL));
    for (const mirror of this.mirrors) attempt(() => sweepMirror(mirror));
  }
}

/** What cannot be removed, as on a read-only disk, does no harm, and is removed the next time. */
function attempt(removal: () => void): void {
  try {
    removal();
  } catch {
    // See above.
  }
}
