import { type FetchOptions, fetchCommit, sweepMirror } from '../../git/mirror.ts';
import type { HubRemote } from '../../git/remote.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Release } from './release.ts';

/** How often it is looked whether the drone is at another hub. */
const LOOK_EVERY_MS = 500;

/**
 * Fetches a commit into a mirror from the hub of the moment: if the drone goes to another one, maybe because this one is
 * silent, from that. Throws as `fetchCommit`.
 */
export async function fetchFromHub(
  hub: () => HubRemote,
  mirror: string,
  { repo, commit }: Release,
  options: FetchOptions & { signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const from = hub();
    const moved = new AbortController();
    const timer = setInterval(() => {
      if (hub().url !== from.url) moved.abort(new FleetError('ECONNECT', 'the drone is at another hub'));
    }, LOOK_EVERY_MS).unref();
    const signal = AbortSignal.any([options.signal, moved.signal]);
    try {
      return await fetchCommit(mirror, from, repo, commit, { ...options, signal });
    } catch (error) {
      if (options.signal.aborted || hub().url === from.url) throw error;
      sweepMirror(mirror);
    } finally {
      clearInterval(timer);
    }
  }
}
