import type { LogInfo } from '../../protocol/answers.ts';
import { appName } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import { type AppRecord, numberOf, releaseOf } from './app-record.ts';

/**
 * Returns a test for the logs of a release: of its build, its command and its instances, also of those that it left as they
 * were. Throws ENORELEASE.
 */
export function logsOfRelease(
  app: AppRecord,
  release: number,
): (log: Pick<LogInfo, 'commit' | 'of'>) => boolean {
  const record = releaseOf(app, release);
  const name = appName(app);
  if (!record) throw new FleetError('ENORELEASE', `there is no v${release} of ${name}; see: fleet releases`);
  return ({ commit, of }) => {
    if (of?.app !== name) return false;
    if (of.release === null) return commit === record.commit;
    return of.release === (of.service === null ? release : numberOf(record, of.service));
  };
}
