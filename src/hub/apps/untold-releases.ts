import { isResult } from '../../protocol/release-text.ts';
import type { AppRecord, ReleaseRecord } from './app-record.ts';

/**
 * Returns the releases of which something is stored that was not told, since the hub that led before had no time for it.
 * `told` returns the state of a release that was told last, null for none; `isRunning` if there are instances of an app that is down.
 */
export function untoldReleases(
  { releases, underWay }: Pick<AppRecord, 'releases' | 'underWay'>,
  { told, isRunning }: { told: (release: number) => string | null; isRunning: boolean },
): ReleaseRecord[] {
  const stopped = isRunning ? releases.findLast(({ state }) => state === 'stopped') : undefined;
  return releases.flatMap((one) => {
    const last = told(one.release);
    // What is stopped just now may have become live before this hub was started.
    if (last === null) return one.release === underWay || one === stopped ? [one] : [];
    if (last === one.state) return [];
    if (one.state !== 'retired') return [one];
    // Another one is live already. Who looks on at this one awaits its end.
    return isResult(last) ? [] : [{ ...one, state: 'live' as const }];
  });
}
