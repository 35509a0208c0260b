import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../protocol/errors.ts';
import { fleetEnvironment } from './environment.ts';
import type { Maintenance } from './maintenance.ts';
import type { Pushes } from './receive-pack.ts';
import type { Repairs } from './repairs.ts';
import { git } from './run.ts';
import type { GitProcesses } from './server-processes.ts';
import { DEPLOYED, type GitStore, shallowName } from './store.ts';
import type { Fetches } from './upload-pack.ts';

/** How long pushes that are under way are waited for, and how often they are looked at. */
const PUSHES_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 50;

export interface ForgettingParts {
  store: GitStore;
  processes: GitProcesses;
  repairs: Pick<Repairs, 'alone'>;
  maintenance: Pick<Maintenance, 'after'>;
  pushes: Pick<Pushes, 'underWay'>;
  fetches: Pick<Fetches, 'forget'>;
}

/** Takes commits out of the hub's repositories, with every object that nothing else needs. */
export class Forgetting {
  constructor(private readonly parts: ForgettingParts) {}

  /**
   * Forgets a commit that was deployed, and puts `instead` (null for none) in its place if it was the last one. Pushes to the
   * repository wait meanwhile. Resolves to the refs from which it can be reached all the same. Throws EBUSY if a push is
   * under way, and EGIT.
   */
  forget(repo: string, commit: string, instead: string | null): Promise<string[]> {
    const { repairs, maintenance, fetches } = this.parts;
    return repairs.alone(repo, async () => {
      await this.pushesEnded(repo);
      return maintenance.after(async () => {
        try {
          return await this.remove(repo, commit, instead);
        } finally {
          fetches.forget();
        }
      });
    });
  }

  private async remove(repo: string, commit: string, instead: string | null): Promise<string[]> {
    const { store } = this.parts;
    // The shallow commits first: they borrow objects of the others, and are made complete before these go.
    const holders = [shallowName(repo), repo].filter((one) => existsSync(store.path(one)));
    const left = new Set<string>();
    for (const holder of holders) {
      await this.removeRefs(holder, commit, instead);
      for (const ref of await refsTo(store.path(holder), commit)) left.add(ref);
    }
    for (const holder of holders) {
      await this.run(holder, ['-c', 'pack.threads=1', 'repack', '-a', '-d', '-q']);
      await this.run(holder, ['prune', '--expire=now']);
      await removeDamaged(store.path(holder));
    }
    return [...left].sort();
  }

  private async removeRefs(holder: string, commit: string, instead: string | null): Promise<void> {
    const { store } = this.parts;
    const ref = `refs/fleet/${commit}`;
    if ((await store.ref(holder, ref)) !== null) await this.run(holder, ['update-ref', '-d', ref]);
    if ((await store.ref(holder, DEPLOYED)) !== commit) return;
    const isThere = instead !== null && (await store.ref(holder, `refs/fleet/${instead}`)) !== null;
    await this.run(holder, ['update-ref', ...(isThere ? [DEPLOYED, instead] : ['-d', DEPLOYED])]);
  }

  private async run(holder: string, args: string[]): Promise<void> {
    const { processes, store } = this.parts;
    const failure = await processes.write(['--git-dir', store.path(holder), ...args]);
    if (failure !== null) throw new FleetError('EGIT', `cannot forget all of it: ${failure}`);
  }

  private async pushesEnded(repo: string): Promise<void> {
    const until = performance.now() + PUSHES_WITHIN_MS;
    while (this.parts.pushes.underWay.has(repo)) {
      if (performance.now() > until)
        throw new FleetError('EBUSY', `a push to ${repo} is under way; try again when it has ended`);
      await sleep(LOOK_EVERY_MS);
    }
  }
}

/** Returns the refs from which a commit can be reached. */
async function refsTo(path: string, commit: string): Promise<string[]> {
  const ask = (...args: string[]) =>
    git(path, ['--git-dir', path, ...args], fleetEnvironment(join(path, '..')));
  const isThere = await ask('cat-file', '-e', `${commit}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const refs = await ask('for-each-ref', `--contains=${commit}`, '--format=%(refname)');
  // What is deployed is named by its own ref.
  return refs.split('\n').filter((ref) => ref !== '' && ref !== DEPLOYED);
}

/** Removes packs that were put aside because they were damaged: they may have what is to be forgotten. */
async function removeDamaged(path: string): Promise<void> {
  const packs = join(path, 'objects/pack');
  for (const name of await readdir(packs).catch(() => []))
    if (name.endsWith('.damaged')) await rm(join(packs, name), { force: true });
}
