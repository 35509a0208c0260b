import { appName } from '../../protocol/app-names.ts';
import type { ReleaseInfo } from '../../protocol/apps.ts';
import type { AppRecord, ReleaseRecord } from './app-record.ts';

/** Returns a release as `fleet releases` shows it. */
export function infoOf(app: AppRecord, release: ReleaseRecord): ReleaseInfo {
  const { commit, subject, state, by, why, of, change } = release;
  return {
    ...{ release: release.release, app: appName(app), commit, subject, state, by, why, of },
    time: new Date(release.time).toISOString(),
    env: change,
  };
}
