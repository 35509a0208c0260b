import { parseAppName } from '../protocol/app-names.ts';
import type { AppEvent, AppStatus } from '../protocol/apps.ts';
import { isResult } from '../protocol/release-text.ts';
import type { Link } from './link.ts';

/** So many releases are not begun while somebody reconnects. */
const NEWEST = 50;

/**
 * Returns how a release has ended, as an event that has it; null while it is under way. One of several hubs may have been away
 * when it ended, and never tell it.
 */
export async function missedEnd(link: Link, app: string, release: number): Promise<AppEvent | null> {
  const named = parseAppName(app);
  if (!named) return null;
  const { releases } = (await link.call('app.releases', { ...named, count: NEWEST })).result;
  const known = releases.find((one) => one.release === release);
  if (!known || !isResult(known.state)) return null;
  const status = (await link.call('app.status', named)).result;
  return {
    ...{ type: 'release', app, repo: named.repo, release, state: known.state, why: known.why, by: known.by },
    ...{ commit: known.commit, subject: known.subject, of: known.of, replaces: null, env: known.env },
    ...{ services: countsOf(status), lost: [], notes: [] },
    elapsed: Math.max(0, (Date.now() - Date.parse(known.time)) / 1000),
  };
}

/** Returns how many instances of each service are ready, and how many there should be, as events have it. */
export function countsOf({
  services,
}: Pick<AppStatus, 'services'>): Extract<AppEvent, { type: 'release' }>['services'] {
  const counts = Object.entries(services).map(([name, { ready, count }]) => [name, { ready, count }]);
  return Object.fromEntries(counts);
}
