import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { sweepMirror } from '../../git/mirror.ts';
import { removeUnfinished } from '../../system/write-whole.ts';
import type { ReleaseStore } from './store.ts';

/** What a drone that was killed left half done, as it was found when this one started. */
export class Leftovers {
  private readonly directories: string[];
  private readonly mirrors: string[];
  private readonly folder: string;

  /** EIO. */
  constructor(store: ReleaseStore) {
    const isLeft = (name: string) => name.startsWith('.tmp-') || name.startsWith('.old-');
    const mirrors = store.mirrors();
    this.directories = [
      ...store
        .directories()
        .filter(isLeft)
        .map((name) => store.pathOf(name)),
      ...mirrors.filter((path) => /^\.(new|old)-/.test(basename(path))),
    ];
    this.mirrors = mirrors.filter((path) => !basename(path).startsWith('.'));
    this.folder = store.folder;
  }

  /** No git of that drone may be at work any more. */
  remove(): void {
    removeUnfinished(this.folder);
    this.directories.forEach(removeBusy);
    this.mirrors.forEach(sweepMirror);
  }
}

/** If marks cannot be seen, a git may still be writing there; what cannot be removed now goes the next time. */
function removeBusy(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch {
    // It is in nobody's way.
  }
}
