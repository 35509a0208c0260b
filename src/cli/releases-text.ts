import type { ReleaseInfo } from '../protocol/apps.ts';
import { environmentText } from '../protocol/release-text.ts';
import { aligned } from '../system/columns.ts';
import { clockText } from './clock-text.ts';

/** Returns releases as a table, a line each. */
export function releasesText(releases: readonly ReleaseInfo[], now: number): string[] {
  const rows = releases.map(({ release, state, commit, time, by, subject, why, of, env }) => [
    `v${release}`,
    state,
    commit.slice(0, 7),
    clockText(new Date(time), now),
    by,
    subject,
    noteOf(why, of, environmentText(env)),
  ]);
  return aligned(rows);
}

function noteOf(why: string | null, of: number | null, env: string): string {
  const again = of === null ? [] : [`v${of} again`];
  const changes = env === '' ? [] : [`env: ${env}`];
  return [...(why === null ? [] : [why]), ...again, ...changes].join('  ');
}
