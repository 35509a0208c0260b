import { lstatSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FleetError, messageOf } from '../../../protocol/errors.ts';
import { wayTo } from '../shared-paths.ts';
import type { StepContext } from './context.ts';
import { copy } from './files.ts';

/**
 * Copies caches from the app's checkout that was built last. A cache only saves time, so one that cannot be copied is
 * reported and left out. Throws EUSAGE if a path leads out of the checkout.
 */
export async function copyCaches(
  { store, release, problem }: StepContext,
  checkout: string,
  paths: readonly string[],
): Promise<void> {
  const places = paths.map((path) => ({ path, place: wayTo(checkout, path) }));
  const before = store.lastBuilt(release.app);
  if (before === null || before === checkout) return;
  for (const { path, place } of places) {
    try {
      const from = wayTo(before, path);
      const found = lstatSync(from, { throwIfNoEntry: false });
      if (!found || found.isSymbolicLink() || lstatSync(place, { throwIfNoEntry: false })) continue;
      await mkdir(dirname(place), { recursive: true });
      await copy(from, place);
    } catch (error) {
      await rm(place, { recursive: true, force: true });
      const why = error instanceof FleetError ? error.message : messageOf(error);
      problem(`the cache ${path} of ${release.name} is not copied: ${why}`);
    }
  }
}
