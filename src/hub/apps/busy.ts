import { appName } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import { elapsedMs, type ReleaseRecord } from './app-record.ts';
import type { Conductor } from './conductor.ts';

/** Returns the error for what has to wait for a release. */
export function busy({ app, telling, world }: Conductor, underWay: ReleaseRecord): FleetError {
  const { release, by, state } = underWay;
  const name = `v${release} of ${appName(app)}`;
  if (state === 'canary') return new FleetError('EBUSY', telling.canaryText(underWay, world));
  const seconds = Math.round(elapsedMs(underWay, Date.now()) / 1000);
  return new FleetError('EBUSY', `${name} is under way (${by}, ${seconds}s); wait for it with --wait=15m`);
}
