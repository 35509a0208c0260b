import { isResult } from '../../protocol/release-text.ts';
import type { AppRecord, ReleaseRecord } from './app-record.ts';

/**
 * Returns the releases of which something is stored that was not told, since the hub that led before had no time for it.
 * `told` returns the state of a release that was told last, null for none.
 */
export function untoldReleases(
  { releases, underWay }: Pick<AppRecord, 'releases' | 'underWay'>,
  told: (release: number) => string | null,
): ReleaseRecord[] {
  return releases.flatMap((one) => {
    const last = told(one.release);
    if (last === null) return one.release === underWay ? [one] : [];
    if (last === one.state) return [];
    if (one.state !== 'retired') return [one];
    // Another one is live already. Who looks on at this one awaits its end.
    return isResult(last) ? [] : [{ ...one, state: 'live' as const }];
  });
}
